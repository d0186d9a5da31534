import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { workspace } from './place.ts'

const command = fileURLToPath(new URL('../../bin/bpf.ts', import.meta.url))
// Below build/, which nobody else compiles, and inside the workspace.
const build = fileURLToPath(new URL('../../build/', import.meta.url))
mkdirSync(build, { recursive: true })
const lab = mkdtempSync(join(build, 'lab-'))
afterAll(() => rmSync(lab, { recursive: true }))

const write = (path: string, text: string) => {
  mkdirSync(join(lab, path, '..'), { recursive: true })
  writeFileSync(join(lab, path), text)
}
const good = (name: string) =>
  `#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\nchar LICENSE[] SEC("license") = "GPL";\nSEC("xdp") int ${name}(struct xdp_md *ctx) { return XDP_PASS; }\n`
const bpf = (env = {}) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command], {
    cwd: lab,
    encoding: 'utf8',
    env: { ...process.env, FORCE_COLOR: '0', ...env },
  })
  return { status, stdout, stderr }
}
/** The names of an object's own source in its debug information and BTF. */
const sources = (name: string) => {
  const text = readFileSync(join(lab, 'build', `${name}.bpf.o`), 'latin1')
  const names = text.match(new RegExp(`[\\w./-]*/${name}\\.bpf\\.c(?=\\0)`, 'g')) ?? []
  return [...new Set(names.map((path) => path.replace(/^\.\//, '')))]
}
const has = (path: string) => existsSync(join(lab, 'build', path))

test(
  'every .bpf.c gets an object and a skeleton, folders kept, and what is gone goes',
  { timeout: 300_000 },
  () => {
    write('one.bpf.c', good('one'))
    write('solutions/01-two.bpf.c', good('two'))
    expect(bpf()).toMatchObject({ status: 0, stderr: '' })
    const made = ['one.bpf.o', 'one.skel.ts', 'solutions/01-two.bpf.o', 'solutions/01-two.skel.ts']
    expect(made.filter((path) => !has(path))).toEqual([])
    execFileSync(process.execPath, ['--check', join(lab, 'build', 'one.skel.ts')])
    // Sources are named from the root of the workspace, wherever that lies.
    expect(sources('one')).toEqual([relative(workspace, join(lab, 'one.bpf.c'))])
    // The library refuses it on the other architecture by this.
    const targetArch = process.arch === 'arm64' ? 'arm64' : 'x86'
    const object = readFileSync(join(lab, 'build', 'one.bpf.o'), 'latin1')
    expect(object).toContain(`-D__TARGET_ARCH_${targetArch}\0`)
    rmSync(join(lab, 'one.bpf.c'))
    write('build/else.bpf.o', 'made by somebody else')
    expect(bpf().status).toBe(0)
    expect(made.filter(has)).toEqual(made.slice(2))
    expect(has('else.bpf.o')).toBe(true)
  },
)

test(
  'error numbers and libbpf’s header for USDT can be included, whatever the host has',
  { timeout: 300_000 },
  () => {
    const refuse = 'SEC("usdt") int BPF_USDT(no) { return -EACCES; }\n'
    const headers = ['"vmlinux.h"', '<linux/errno.h>', '<bpf/bpf_helpers.h>', '<bpf/usdt.bpf.h>']
    const includes = headers.map((name) => `#include ${name}\n`).join('')
    write('usdt.bpf.c', `${includes}char LICENSE[] SEC("license") = "GPL";\n${refuse}`)
    expect(bpf()).toMatchObject({ status: 0, stderr: '' })
    expect(has('usdt.bpf.o')).toBe(true)
    rmSync(join(lab, 'usdt.bpf.c'))
  },
)

test(
  'a source that does not compile is told with file and line, the others are made',
  { timeout: 300_000 },
  () => {
    write('bad.bpf.c', `${good('bad')}int oops(void) { return nothing; }\n`)
    write('fine.bpf.c', good('fine'))
    const { status, stderr } = bpf()
    expect(status).toBe(1)
    expect(stderr).toMatch(/shared\/harness\/build\/lab-\w+\/bad\.bpf\.c:5:25: error: .*nothing/)
    expect(stderr).toMatch(/1 of 3 did not compile: bad\.bpf\.c\n$/)
    expect(stderr).not.toContain('\u001b[')
    expect(bpf({ FORCE_COLOR: '1' }).stderr).toContain('\u001b[')
    expect(has('bad.bpf.o')).toBe(false)
    expect(has('fine.skel.ts')).toBe(true)
  },
)
