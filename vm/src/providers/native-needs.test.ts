import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { needsOf, unmetNeeds } from './features.ts'
import { lacksForNative, requireNative } from './native-needs.ts'

let root: string
let lab: string

const put = (path: string, content = ''): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content)
}
const names = (place: { uid?: number; platform?: NodeJS.Platform } = {}): string[] =>
  lacksForNative({ root, uid: 0, platform: 'linux', ...place }).map(({ what }) => what)

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ebpf-labs-native-'))
  lab = join(root, 'lab')
  put('lab/probe.bpf.c', 'SEC("kprobe/do_exit")\nint a;\nSEC("?lsm.s/bpf") int b;')
  put('lab/packets.bpf.c', 'SEC("xdp") int c;')
})
afterEach(() => rmSync(root, { recursive: true }))

test('a computer that has nothing is told all of it, the most fundamental first', () => {
  expect(names({ uid: 1000 })).toEqual(['root', 'BTF', 'bpf', 'tracefs', 'libbpf'])
})

test('what is there is not complained about', () => {
  put('sys/kernel/btf/vmlinux')
  put('usr/lib/x86_64-linux-gnu/libbpf.so.1.7.0')
  symlinkSync('libbpf.so.1.7.0', join(root, 'usr/lib/x86_64-linux-gnu/libbpf.so.1'))
  // A folder of a plain file system is no tracefs.
  mkdirSync(join(root, 'sys/kernel/tracing'), { recursive: true })
  expect(names()).toEqual(['bpf', 'tracefs'])
})

test('libbpf before 1.0 is refused with its version', () => {
  put('usr/lib64/libbpf.so.0.8.1')
  symlinkSync('libbpf.so.0.8.1', join(root, 'usr/lib64/libbpf.so.0'))
  const lack = lacksForNative({ root, uid: 0, platform: 'linux' }).at(-1)
  expect(lack?.detail).toBe('1.0 or newer is needed, and this is 0.8.1')
})

test('on macOS the kernel is what is missing', () => {
  expect(names({ platform: 'darwin' })).toEqual(['Linux'])
})

test('a lab’s needs are read from the sections of its programs', () => {
  const needs = needsOf(lab).map(({ feature, sources }) => [feature.name, ...sources])
  expect(needs).toEqual([
    ['kprobes', 'probe.bpf.c'],
    ['BPF LSM', 'probe.bpf.c'],
  ])
})

test('a feature is found by looking, and what is lacking is told with the files that need it', () => {
  put('sys/kernel/security/lsm', 'lockdown,capability,bpf\n')
  expect(unmetNeeds(lab, root).map(({ feature }) => feature.name)).toEqual(['kprobes'])
  expect(() => requireNative(lab, { root, uid: 0, platform: 'linux' })).toThrow(
    /kprobes: this kernel, .*, has none, and lab needs them: probe\.bpf\.c/,
  )
  cpSync(join(lab, 'packets.bpf.c'), join(lab, 'probe.bpf.c'))
  mkdirSync(join(root, 'sys/bus/event_source/devices/kprobe'), { recursive: true })
  expect(unmetNeeds(lab, root)).toEqual([])
})

test('a function of the kernel tells of features that have no file', () => {
  put('lab/hooks/entry.bpf.c', 'SEC("fentry/do_exit") int a;')
  put('lab/hooks/list.bpf.c', 'SEC("iter/task") int b;\nSEC(".struct_ops") struct c;')
  put('lab/probe.bpf.c')
  put('proc/kallsyms', '0 T register_ftrace_direct_cb\n0 t bpf_iter_new_fd\n')
  const lacking = unmetNeeds(lab, root, 'all')
  expect(lacking.map(({ feature, sources }) => [feature.name, ...sources])).toEqual([
    ['calls of BPF trampolines from kernel functions', 'hooks/entry.bpf.c'],
    ['struct_ops', 'hooks/list.bpf.c'],
  ])
  put(
    'proc/kallsyms',
    '0 T register_ftrace_direct\n0 T bpf_iter_new_fd\n0 t bpf_struct_ops_map_free\n',
  )
  expect(unmetNeeds(lab, root, 'all')).toEqual([])
})

test('a program in a folder of its own does not keep the others from running', () => {
  put('lab/hooks/entry.bpf.c', 'SEC("fentry/do_exit") int a;')
  put('lab/probe.bpf.c')
  expect(unmetNeeds(lab, root)).toEqual([])
})

test('what a lab leaves out where it is lacking does not keep it from running', () => {
  put('lab/probe.bpf.c', 'SEC("fentry/do_exit") int a;')
  expect(unmetNeeds(lab, root)).toEqual([])
  expect(unmetNeeds(lab, root, 'all')).toHaveLength(1)
})
