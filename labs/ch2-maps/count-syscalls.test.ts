import { test } from '@ebpf-labs/harness'
import { expect } from 'vitest'
import { count_syscalls } from './build/count-syscalls.skel.ts'
import { numberOf, syscallNumbers } from './syscall-numbers.ts'

const getppidNumber = numberOf(syscallNumbers(), 'getppid')

/** A number that no system call has and that nobody else tries: the kernel refuses it after the hook. */
const nobodys = 1000 + (process.pid % 1000)
const perl = (code: string) => ['/usr/bin/perl', '-e', code]

test('two programs on two system calls count in one map', async ({ exec }) => {
  using spec = count_syscalls.open()
  using skel = spec.load()
  const { on_openat, on_write } = skel.programs
  using openat = on_openat.attach()
  using write = on_write.attach()
  const code = (opens: number, writes: number) =>
    `open(my $f, "<", "/none") for 1..${opens}; syswrite(STDERR, "x") for 1..${writes}`
  const none = await exec(perl(code(0, 0)))
  const some = await exec(perl(code(7, 16)))
  const calls = (pid: number) => skel.maps.calls.get(pid) ?? 0n
  expect(calls(none.pid)).toBeGreaterThan(0n) // its libraries
  expect(calls(some.pid) - calls(none.pid)).toBe(23n)
  expect([openat, write].map((link) => link.closed)).toEqual([false, false])
})

test('one program can be attached to several system calls', async ({ exec }) => {
  using spec = count_syscalls.open()
  using skel = spec.load()
  using openat = skel.programs.on_openat.attach()
  using getppid = skel.programs.on_openat.attachKsyscall('getppid')
  const none = await exec(perl('1'))
  const some = await exec(perl(`syscall(${getppidNumber}) for 1..23`))
  const calls = (pid: number) => skel.maps.calls.get(pid) ?? 0n
  expect(calls(some.pid) - calls(none.pid)).toBe(23n)
  expect([openat, getppid].map((link) => link.closed)).toEqual([false, false])
})

test('by user: every system call of every process of a user is one more', async ({ exec }) => {
  using spec = count_syscalls.open()
  using skel = spec.load()
  using link = skel.programs.by_user.attach()
  // What a program calls to get ready depends on where its libraries come to lie. So a child becomes the user, and starts none.
  const callsOf = async (uid: number, times: number) => {
    const become = `($<, $>) = (${uid}, ${uid})`
    await exec(perl(`fork ? wait : do { ${become}; syscall(${nobodys}) for 1..${times} }`))
    return skel.maps.calls.get(uid) ?? 0n
  }
  const base = 300_001 + 2 * process.pid
  const [few, more] = [await callsOf(base, 1), await callsOf(base + 1, 24)]
  expect(more - few).toBe(23n)
  expect(link.closed).toBe(false)
})

test('by number: 23 calls of one system call are counted under its number', async ({ exec }) => {
  using spec = count_syscalls.open()
  using skel = spec.load()
  using link = skel.programs.by_number.attachRawTracepoint('sys_enter')
  await exec(perl(`syscall(${nobodys}) for 1..23`))
  expect(skel.maps.calls.get(nobodys)).toBe(23n)
  expect(link.closed).toBe(false)
})

test('a raw tracepoint is the same whether the section names it or the loader', () => {
  using spec = count_syscalls.open()
  using skel = spec.load()
  const { by_user, by_number } = skel.programs
  using bySection = by_user.attach()
  using byHand = by_number.attachRawTracepoint('sys_enter')
  expect(bySection.info()).toMatchObject({ type: 'raw_tracepoint', tracepoint: 'sys_enter' })
  expect(byHand.info()).toMatchObject({ type: 'raw_tracepoint', tracepoint: 'sys_enter' })
  expect(() => by_number.attach()).toThrow('attachRawTracepoint')
})

test('a full map counts what it leaves out', async ({ exec }) => {
  using spec = count_syscalls.open()
  spec.maps.calls.maxEntries = 1
  using skel = spec.load()
  skel.maps.calls.set(4_000_000_000, 0n) // nobody's number takes the only place
  using link = skel.programs.by_number.attachRawTracepoint('sys_enter')
  await exec(perl(`syscall(${nobodys}) for 1..23`))
  expect(Number(skel.data.bss.uncounted)).toBeGreaterThanOrEqual(23)
  expect([...skel.maps.calls.keys()]).toEqual([4_000_000_000])
  expect(link.closed).toBe(false)
})
