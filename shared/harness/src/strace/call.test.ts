import { expect, test } from 'vitest'
import { type Call, CallReader } from './call.ts'
import { ValueReader } from './value.ts'

const value = (text: string) => new ValueReader(text).value()

/** Reads lines; only the calls. */
function calls(...lines: string[]): Call[] {
  const reader = new CallReader()
  return lines.flatMap((line) => {
    const found = reader.read(line)
    return found && 'name' in found ? [found] : []
  })
}

test('values of every kind are read', () => {
  expect(value('-1')).toBe(-1)
  expect(value('0x7f10ef3ae000')).toBe(0x7f10ef3ae000)
  expect(value('18446744073709551615')).toBe(18446744073709551615n)
  expect(value('NULL')).toBe(null)
  expect(value('BPF_MAP_TYPE_HASH')).toBe('BPF_MAP_TYPE_HASH')
  expect(value('PROT_READ|PROT_WRITE')).toBe('PROT_READ|PROT_WRITE')
  expect(value('"GPL"')).toBe('GPL')
  expect(value(String.raw`"a\"b\\c\n\237\0001"...`)).toBe('a"b\\c\n\u009f\u00001')
  expect(value('3<anon_inode:bpf-map>')).toEqual({ fd: 3, path: 'anon_inode:bpf-map' })
  expect(value('0</dev/null<char 1:3>>')).toEqual({ fd: 0, path: '/dev/null<char 1:3>' })
  expect(value('4<TCP:[127.0.0.1:1->127.0.0.1:2]>')).toEqual({
    fd: 4,
    path: 'TCP:[127.0.0.1:1->127.0.0.1:2]',
  })
  expect(value('4</memfd:x>(deleted)')).toEqual({ fd: 4, path: '/memfd:x' })
  expect(value('KERNEL_VERSION(6, 12, 0)')).toBe('KERNEL_VERSION(6, 12, 0)')
  expect(value('[{a=1}, {a=2}]')).toEqual([{ a: 1 }, { a: 2 }])
  expect(value('{a=1, b={c=X|Y, d=[1, 2]}, /* gap */ e="}"}')).toEqual({
    a: 1,
    b: { c: 'X|Y', d: [1, 2] },
    e: '}',
  })
  expect(value('{flags=A, parent_tid=0x1} => {parent_tid=[7]}')).toEqual({
    flags: 'A',
    parent_tid: [7],
  })
  expect(value('{precise_ip=0 /* arbitrary skid */, mmap=1}')).toEqual({ precise_ip: 0, mmap: 1 })
  expect(value('~[RTMIN RT_1]')).toEqual(['RTMIN', 'RT_1'])
})

test('a bpf() call with its descriptor', () => {
  const [call] = calls(
    '13205 1795355188.457325 bpf(BPF_MAP_CREATE, {map_type=BPF_MAP_TYPE_HASH, key_size=4, map_name="counts", btf_fd=21<anon_inode:btf>}, 72) = 22<anon_inode:bpf-map>',
  )
  expect(call).toMatchObject({
    pid: 13205,
    time: 1795355188.457325,
    name: 'bpf',
    args: [
      'BPF_MAP_CREATE',
      { map_type: 'BPF_MAP_TYPE_HASH', key_size: 4, map_name: 'counts', btf_fd: { fd: 21 } },
      72,
    ],
    result: { fd: 22, path: 'anon_inode:bpf-map' },
  })
})

test('a call that fails has its error', () => {
  const [call] = calls(
    '1 1.0 bpf(BPF_LINK_CREATE, {link_create={prog_fd=28<anon_inode:bpf-prog>, target_fd=-1, perf_event={bpf_cookie=0}}}, 48) = -1 EBADF (Bad file descriptor)',
  )
  expect(call).toMatchObject({ result: -1, errno: 'EBADF', error: 'Bad file descriptor' })
})

test('calls of several threads that interrupt each other are put together', () => {
  const found = calls(
    '7 1.0 bpf(BPF_PROG_LOAD, {prog_name="a"}, 8 <unfinished ...>',
    '8 1.1 close(3<pipe:[1]> <unfinished ...>',
    '7 1.2 <... bpf resumed>) = 5<anon_inode:bpf-prog>',
    '8 1.3 <... close resumed>)   = 0',
  )
  expect(found).toMatchObject([
    { pid: 7, time: 1, args: ['BPF_PROG_LOAD', { prog_name: 'a' }, 8], result: { fd: 5 } },
    { pid: 8, time: 1.1, name: 'close', result: 0 },
  ])
})

test('signals are passed over, endings are told', () => {
  const reader = new CallReader()
  expect(reader.read('7 1.0 --- SIGINT {si_signo=SIGINT, si_code=SI_KERNEL} ---')).toBe(undefined)
  expect(reader.read('7 2.5 +++ exited with 3 +++')).toEqual({
    pid: 7,
    time: 2.5,
    how: 'exited with 3',
  })
})

test('what is not understood is passed on as it is', () => {
  const line = '7 1.0 bpf(BPF_X, {a='
  const problem = expect.stringMatching(/expected .* at/)
  expect(new CallReader().read(line)).toEqual({ line, problem })
})
