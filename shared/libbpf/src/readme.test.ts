import { execFile, execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { compileReadme } from '../test/compile.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const [tour = '', withoutSkeleton = '', merged = '', errors = ''] = [
  ...readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm),
].map(([, code = '']) => code)
const folder = fileURLToPath(new URL('../build/readme/', import.meta.url))

/** A shell that starts a program and, until that ends, others. */
const SHELL = `"$NODE" "$1" & program=$!
  while kill -0 $program 2>/dev/null; do /bin/true; /bin/sleep 0.2; done
  wait $program`

async function run(code: string, name: string) {
  writeFileSync(join(folder, name), code)
  return promisify(execFile)('sh', ['-c', SHELL, 'sh', name], {
    cwd: folder,
    // Compared as plain text, also where nx asks for colours.
    env: { ...process.env, FORCE_COLOR: '0', NODE: process.execPath },
  })
}

beforeAll(() => {
  mkdirSync(folder, { recursive: true })
  copyFileSync(compileReadme(), join(folder, 'tour.bpf.o'))
  const bpf2ts = fileURLToPath(new URL('../bin/bpf2ts.ts', import.meta.url))
  execFileSync(process.execPath, [bpf2ts, 'tour.bpf.o'], { cwd: folder })
}, 120_000)

test('the tour sees three programs that its shell starts', { timeout: 120_000 }, async () => {
  const { stdout } = await run(tour, 'tour.ts')
  expect(stdout.match(/^pid \d+ was sh$/gm)).toHaveLength(3)
  expect(stdout).toMatch(/^user 0 called it \d+ times$/m)
  expect(stdout).toMatch(/^0 events lost, \d+ instructions verified$/m)
})

test('an object opens without a skeleton', { timeout: 120_000 }, async () => {
  const { stdout } = await run(withoutSkeleton, 'without-skeleton.ts')
  expect(stdout).toMatch(/processed \d+ insns/)
  expect(stdout).toContain("tracepoint: 'sys_enter_execve'")
})

test('one loop gets the events of both ring buffers', { timeout: 120_000 }, async () => {
  const { stdout } = await run(merged, 'merged.ts')
  expect(stdout).toMatch(/^sibling: pid \d+ was sh$/m)
  expect(stdout).toMatch(/^anybody: pid \d+ was /m)
})

test('the error is the one that is printed below its program', { timeout: 120_000 }, async () => {
  const { stderr } = await run(errors, 'errors.ts')
  const [, printed = 'nothing'] = /^```text\n([\s\S]*?)^```$/m.exec(readme) ?? []
  expect(stderr).toContain(printed)
})
