import { execFile, execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { compileBpf } from '../../../test/compile.ts'

const basic = compileBpf('basic.bpf.c')
const child = (name: string) =>
  fileURLToPath(new URL(`../../../test/child/${name}`, import.meta.url))

test('rounds of open, load, attach and close leave memory and file descriptors as they were', () => {
  const args = ['--expose-gc', child('rounds.ts'), basic, '50']
  const { early, late } = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }))
  expect(late.fds).toBe(early.fds)
  expect(late.malloc - early.malloc).toBeLessThan(300) // kB; objects not freed would be 500
}, 120_000)

test('a link that is lost is warned about, and its program stays attached', async () => {
  const args = ['--expose-gc', child('lost-link.ts'), basic]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args)
  expect(stderr).toContain(
    "BpfLeakWarning: link of 'on_getpgid' to tracepoint/syscalls/sys_enter_getpgid",
  )
  expect(JSON.parse(stdout)).toEqual({ before: '0', after: '23' })
})
