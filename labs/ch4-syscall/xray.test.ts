import { existsSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { test } from '@ebpf-labs/harness'
import { expect } from 'vitest'
import { findCommand } from './xray/command.ts'
import { formatTimeline, summary } from './xray/format.ts'
import { group } from './xray/group.ts'
import { wrap } from './xray/wrap.ts'

const xray = [process.execPath, `${import.meta.dirname}/xray.ts`]
const object = `${import.meta.dirname}/build/pass.bpf.o`

/** Without the colours that FORCE_COLOR asks for. */
const plain = (lines: readonly string[]): string[] =>
  lines.map((line) => stripVTControlCharacters(line))

/** An entry as the timeline has it. */
const entry = (index: number, command: string, more: object = {}) => ({
  ...{ index, pid: 7, time: 0, call: 'bpf', command, attributes: {}, result: 0 },
  ...{ uses: [], probe: false, meaning: 'does it' },
  ...more,
})

test('any command: forks are followed, its output kept apart, its exit code passed on', async ({
  exec,
  pinFolder,
}) => {
  const script = `bpftool prog load ${object} ${pinFolder}/pass; echo out; exit 3`
  const { code, stdout, stderr } = await exec([...xray, '--json', 'sh', '-c', script])
  expect(stderr).toMatch(/^out$/m)
  expect(stderr).toMatch(
    /^\d+ bpf\(\) calls, \d+ of them only tries, 1 map and 1 program made \(exit code 3\)\.$/m,
  )
  expect(code).toBe(3)
  const entries: {
    command: string
    probe: boolean
    pid: number
    uses: number[]
    meaning: string
  }[] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const real = entries.filter(({ probe }) => !probe)
  const order = [
    'execve',
    'execve',
    'BPF_BTF_LOAD',
    'BPF_MAP_CREATE',
    'BPF_PROG_LOAD',
    'BPF_OBJ_PIN',
  ]
  expect(real.map(({ command }) => command).filter((name) => order.includes(name))).toEqual(order)
  expect(new Set(real.map(({ pid }) => pid)).size).toBe(2)
  const load = real.find(({ command }) => command === 'BPF_PROG_LOAD')
  const pin = entries.findIndex(({ command }) => command === 'BPF_OBJ_PIN')
  expect(load?.uses).toContain(pin)
  expect(entries[pin]?.meaning).toBe(`pins program 'pass' at ${pinFolder}/pass`)
  expect(existsSync(`${pinFolder}/pass`)).toBe(true)
})

test.for([
  [[], 'what shall be traced?', 2],
  [['no-such-program', '-x'], "there is no program 'no-such-program' on PATH", 127],
  [['bpftool prog list'], 'Leave the quotes out', 127],
  [['./no/such'], "there is no program './no/such'.", 127],
  [['/etc'], '/etc is no program that can be executed: it is a folder', 126],
  [['/etc/passwd'], '/etc/passwd is no program that can be executed: chmod +x it', 126],
] as const)('%j cannot be traced, and is told why', ([words, message, exitCode]) => {
  expect(() => findCommand(words)).toThrow(expect.objectContaining({ exitCode }))
  expect(() => findCommand(words)).toThrow(message)
})

test('without strace it says how to get it', () => {
  expect(() => findCommand(['ls'], '/nowhere')).toThrow('apt install strace')
})

test('a TypeScript loader is run by node', () => {
  expect(findCommand([`${import.meta.dirname}/xray.ts`, '--json'])[0]).toBe('node')
})

test('a timeline is text of at most 80 columns', () => {
  const attributes = {
    map_type: 'BPF_MAP_TYPE_HASH',
    key_size: 4,
    map_name: 'config',
    btf_fd: { fd: 3, path: 'anon_inode:btf' },
    expected_attach_type: 'BPF_CGROUP_INET_INGRESS', // 0: none
    kern_version: 'KERNEL_VERSION(6, 12, 0)',
    extra_data: '\x01\x02',
    link_create: { prog_fd: { fd: 5, path: 'anon_inode:bpf-prog' }, flags: 'A|B' },
  }
  const made = { object: "map 'config'", uses: [2, 3] }
  const entries = [
    entry(0, 'BPF_BTF_LOAD', { probe: true }),
    entry(1, 'BPF_BTF_LOAD', { probe: true }),
    entry(2, 'BPF_MAP_CREATE', { result: 4, attributes, ...made }),
    entry(3, 'BPF_OBJ_PIN', { result: -1, errno: 'EPERM', pid: 8 }),
  ]
  const lines = plain(formatTimeline(entries, { probes: false, all: false }))
  expect(lines).toEqual([
    '    0 tries what the kernel can do (--probes shows it)',
    '      2 BPF_BTF_LOAD',
    "    2 BPF_MAP_CREATE = 4  map 'config'",
    '      does it',
    '      map_type=BPF_MAP_TYPE_HASH key_size=4 map_name="config" btf_fd=3 (BTF)',
    '      extra_data=(2 bytes) prog_fd=5 (program) flags=A|B',
    '      used by 2, 3',
    '--- process 8',
    '    3 BPF_OBJ_PIN = -1 EPERM',
    '      does it',
  ])
  expect(formatTimeline(entries, { probes: true, all: false })).toHaveLength(12)
  expect(wrap(`  ${'word '.repeat(40)}`).map((line) => line.length)).toEqual([76, 76, 51])
  expect(summary(entries, 'exit code 1')).toBe(
    '4 bpf() calls, 2 of them only tries, 1 map and 0 programs made (exit code 1).',
  )
  expect(summary([], 'exit code 0')).toBe('It made no bpf() call (exit code 0).')
})

test('a pattern of calls that repeats is shown once, what is made each time', () => {
  const walk = ['BPF_PROG_GET_NEXT_ID', 'BPF_PROG_GET_FD_BY_ID', 'BPF_OBJ_GET_INFO_BY_FD', 'close']
  const made = [
    'BPF_MAP_CREATE',
    'BPF_MAP_CREATE',
    'BPF_MAP_CREATE',
    'mmap',
    'mmap',
    'mmap',
    'close',
    'close',
    'close',
  ]
  const commands = [...walk, ...walk, ...walk, ...made]
  const entries = commands.map((command, index) =>
    entry(index, command, {
      call: command.startsWith('BPF') ? 'bpf' : command,
      meaning: command === 'mmap' ? `maps thing ${index}` : 'does it',
    }),
  )
  const sizes = (all: boolean) =>
    group(entries, { probes: false, all }).map((one) => [one.entries.length, one.times])
  expect(sizes(false)).toEqual([[4, 3], ...made.map(() => [1, 1])])
  expect(sizes(true)).toEqual(commands.map(() => [1, 1]))
  expect(plain(formatTimeline(entries, { probes: false, all: false }))).toContain(
    '      ... these 4 calls 2 times more (--all shows them)',
  )
})
