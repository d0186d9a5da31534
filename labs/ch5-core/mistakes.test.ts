import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { test } from '@ebpf-labs/harness'
import { BpfError } from '@ebpf-labs/libbpf'
import { bogus_section } from './build/bogus-section.skel.ts'
import { hello_core } from './build/hello-core.skel.ts'
import { renamed_field } from './build/renamed-field.skel.ts'

const here = import.meta.dirname
const target = process.arch === 'arm64' ? 'arm64' : 'x86'

const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64'

/** All that hello-core.bpf.c needs of vmlinux.h: compiling the whole takes emulation ten seconds. */
const types = `
#define __VMLINUX_H__
#include <linux/bpf.h>
typedef __u32 u32;
typedef __u64 u64;
typedef _Bool bool;
struct pt_regs { unsigned long di; };
struct user_pt_regs { unsigned long regs[31]; };
`

/** The message of the BpfError that `action` ends in. */
function messageOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    if (error instanceof BpfError) return error.message
    throw error
  }
  throw new Error('nothing went wrong')
}

/** Nothing but this process's calls of kill is counted; it sends nothing. */
const kill = (times: number) => {
  for (let n = 0; n < times; n++) process.kill(process.pid, 0)
}

describe('a field that the kernel does not have', () => {
  test('is named when a program needs it, with what to do', () => {
    using spec = renamed_field.open()
    spec.programs.old_name.autoload = true
    const message = messageOf(() => spec.load())
    expect(message).toContain("cannot load program 'old_name'")
    expect(message).toContain("no field 'real_start_time' in struct task_struct")
    expect(message).toContain('if (bpf_core_field_exists(pointer->real_start_time))')
  })

  test('does no harm behind bpf_core_field_exists(): the program reads the other one', () => {
    using spec = renamed_field.open()
    spec.data.rodata.target_pid = process.pid
    using skel = spec.load()
    using links = skel.attach()
    kill(1)
    // proc_pid_stat(5): the 22nd field, in clock ticks; the 20th after the name in parentheses.
    const stat = readFileSync('/proc/self/stat', 'utf8')
    const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
    const TICKS_PER_SECOND = 100
    const { started } = skel.data.bss
    expect(Math.floor(Number(started) / (1e9 / TICKS_PER_SECOND))).toBe(ticks)
  })
})

describe('a section', () => {
  test('that is misspelt: the right one is suggested', () => {
    using spec = bogus_section.open()
    spec.programs.misspelt.autoload = true
    expect(messageOf(() => spec.load())).toContain('Did you mean SEC("ksyscall/kill")?')
  })

  test('that is made up says no program type; with the type set, the program counts 23 calls', () => {
    using refused = bogus_section.open()
    refused.programs.bogus.autoload = true
    expect(messageOf(() => refused.load())).toContain(
      "its section 'bogus' does not tell the program type",
    )
    using spec = bogus_section.open()
    spec.programs.bogus.autoload = true
    spec.programs.bogus.type = 'kprobe'
    spec.data.rodata.target_pid = process.pid
    using skel = spec.load()
    expect(messageOf(() => skel.attach())).toContain('bogus')
    using _link = skel.programs.bogus.attachKsyscall('kill')
    kill(23)
    expect(skel.data.bss.calls).toBe(23n)
  })
})

describe('an object that somebody compiled by hand', () => {
  const folder = mkdtempSync('/tmp/ch5-core-')
  beforeAll(() => writeFileSync(`${folder}/vmlinux.h`, types))
  afterAll(() => rmSync(folder, { recursive: true }))

  /** Compiles a source in the folder as a beginner would. */
  const compile = (source: string, ...flags: string[]) => [
    ...['clang-19', '-g', '-O2', '-target', 'bpf', `-D__TARGET_ARCH_${target}`, ...flags],
    ...[
      '-I',
      folder,
      '-I',
      `/usr/include/${machine}-linux-gnu`,
      '-c',
      source,
      '-o',
      `${folder}/hello-core.bpf.o`,
    ],
  ]
  const open = () => hello_core.open({ object: `${folder}/hello-core.bpf.o` })

  test('with another event struct is refused, since TypeScript would misread it', async ({
    exec,
  }) => {
    const source = readFileSync(`${here}/hello-core.bpf.c`, 'utf8')
    writeFileSync(`${folder}/changed.bpf.c`, source.replace('char path[64]', 'char path[96]'))
    const clang = compile(`${folder}/changed.bpf.c`)
    expect(await exec(clang, { deadline: 60_000 })).toMatchObject({ code: 0, stderr: '' })
    const message = messageOf(open)
    expect(message).toContain('expected the layout that its skeleton was made for')
    expect(message).toContain('run bpf2ts hello-core.bpf.o again')
  })

  test('of the other byte order is refused, with the flag to compile it with', async ({ exec }) => {
    const clang = compile(`${here}/hello-core.bpf.c`, '-target', 'bpfeb')
    expect(await exec(clang, { deadline: 60_000 })).toMatchObject({ code: 0, stderr: '' })
    const message = messageOf(open)
    expect(message).toContain('expected little-endian BPF, as this machine is, got big-endian')
    expect(message).toContain('-target bpfel')
  })
})
