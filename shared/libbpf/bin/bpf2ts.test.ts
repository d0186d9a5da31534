import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { compileBpf } from '../test/compile.ts'

const script = fileURLToPath(new URL('./bpf2ts.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'bpf2ts-'))
const object = join(folder, 'my-tool.bpf.o')
copyFileSync(compileBpf('sections.bpf.c'), object)

afterAll(() => rmSync(folder, { recursive: true }))

function bpf2ts(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

test('the skeleton lands beside the object and is named after it', () => {
  expect(bpf2ts(object)).toEqual({ status: 0, stdout: '', stderr: '' })
  const text = readFileSync(join(folder, 'my-tool.skel.ts'), 'utf8')
  expect(text).toContain('export const my_tool = skeleton({')
  expect(text).toContain("new URL('./my-tool.bpf.o', import.meta.url)")
})

test('the skeleton can go elsewhere, and finds the object from there', () => {
  const target = join(tmpdir(), `bpf2ts-${process.pid}.ts`)
  try {
    expect(bpf2ts(object, '-o', target).status).toBe(0)
    const path = folder.slice(tmpdir().length + 1)
    expect(readFileSync(target, 'utf8')).toContain(
      `new URL('./${path}/my-tool.bpf.o', import.meta.url)`,
    )
  } finally {
    rmSync(target, { force: true })
  }
})

test('-o - writes to stdout, --name names the export', () => {
  const { status, stdout } = bpf2ts(object, '-o', '-', '--name', 'tool')
  expect(status).toBe(0)
  expect(stdout).toContain('export const tool = skeleton({')
})

test('--help explains every option', () => {
  const { status, stdout } = bpf2ts('--help')
  expect(status).toBe(0)
  for (const option of ['--output', '--name', '--type', '--number'])
    expect(stdout).toContain(option)
})

test('warnings go to stderr', () => {
  const { status, stderr } = bpf2ts(compileBpf('layouts.bpf.c'), '-o', '-')
  expect(status).toBe(0)
  expect(stderr).toContain('enum cut: clang cut its 64-bit values')
})

test.each([
  ['no object', [], 2, 'expected one object file, got 0'],
  ['an unknown option', ['x.bpf.o', '--frob'], 2, '--frob'],
  ['a missing file', [join(folder, 'nosuch.bpf.o')], 1, 'ENOENT'],
  ['a file that is no object', [join(folder, 'text')], 1, 'an ELF file'],
  ['a type it does not have', [object, '--type', 'nosuch'], 1, 'none of this name'],
])('%s ends with a message and no stack', (_, args, status, message) => {
  writeFileSync(join(folder, 'text'), 'int main() {}')
  const result = bpf2ts(...args)
  expect(result.status).toBe(status)
  expect(result.stderr).toContain(message)
  expect(result.stderr).not.toContain('    at ')
})
