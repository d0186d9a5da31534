import { existsSync, rmSync } from 'node:fs'
import { bpftool, execs, kernelTooOld, secondUser, test } from '@ebpf-labs/harness'
import { Btf, decodeInsns, disassembleProgram } from '@ebpf-labs/libbpf'
import { expect } from 'vitest'
import { helloBtf } from './by-hand/btf.ts'
import { type Way, attachHello, loadHello } from './by-hand/hello.ts'
import { helloInstructions } from './by-hand/instructions.ts'
import { Kernel } from './by-hand/kernel.ts'
import { loadProgram } from './by-hand/load.ts'
import { keys, lookup, lookupBatch, update } from './by-hand/map.ts'
import { architecture } from './by-hand/numbers.ts'
import { ids, mapInfo, openPinned, pin, programInfo } from './by-hand/objects.ts'
import { showAll, showPinned } from './by-hand/show.ts'

new Kernel().raiseLockedMemory() // up to Linux 5.10 the first map would need it, and a try more

/** A user id that nobody else in the machine has. */
const stranger = { uid: 500_000 + process.pid, gid: 500_000 }

/** System calls of a kernel, by their text. */
function recording() {
  const calls: string[] = []
  const kernel = new Kernel(({ text }) => calls.push(text.replace(/^bpf\((\w+).*/, '$1')))
  return { kernel, calls }
}

const ways: [Way, string, string[]][] = [
  ['ioctl', '5.10', ['perf_event_open', 'PERF_EVENT_IOC_SET_BPF', 'PERF_EVENT_IOC_ENABLE']],
  ['link', '5.15', ['perf_event_open', 'BPF_LINK_CREATE', 'PERF_EVENT_IOC_ENABLE']],
  ['raw-tracepoint', '5.10', ['BPF_RAW_TRACEPOINT_OPEN']],
]
for (const [way, version, attaching] of ways) {
  const tooOld = kernelTooOld(version)
  test.skipIf(tooOld !== '')(`attached by ${way}, it greets every user${tooOld}`, async () => {
    const { kernel, calls } = recording()
    const loading = ['BPF_BTF_LOAD', 'BPF_MAP_CREATE', 'BPF_MAP_CREATE', 'BPF_PROG_LOAD']
    using hello = loadHello(kernel, way)
    update(kernel, hello.config, 1000, 'Hi user 1000!')
    const attachment = attachHello(kernel, hello.program, way)
    const [user] = await execs(1, ['/bin/true'], { user: secondUser })
    const others = await execs(way === 'ioctl' ? 23 : 3, ['/bin/true'], { user: stranger })
    attachment[Symbol.dispose]()
    const [late] = await execs(1)
    expect(calls.map((call) => call.replace(/^ioctl\(\d+, (\w+).*|\(.*/, '$1'))).toEqual([
      ...loading,
      'BPF_MAP_UPDATE_ELEM',
      ...attaching,
    ])
    const greeted = lookupBatch(kernel, hello.greeted, 4096)
    expect(greeted.get(user!)).toBe('Hi user 1000!')
    for (const pid of others) expect(greeted.get(pid)).toBe('Hello World')
    expect(greeted.has(late!)).toBe(false)
    expect(new Set(keys(kernel, hello.greeted))).toEqual(new Set(greeted.keys()))
    expect(lookup(kernel, hello.greeted, others[0]!)).toBe('Hello World')
    expect(lookup(kernel, hello.greeted, late!)).toBe(undefined)
  })
}

test('what is loaded by hand is what bpftool shows, keys and values with their types', async () => {
  const kernel = new Kernel()
  using hello = loadHello(kernel, 'raw-tracepoint')
  update(kernel, hello.config, 1000, 'Hi user 1000!')
  const { id } = mapInfo(kernel, hello.config)
  expect(await bpftool('map', 'show', 'id', `${id}`)).toMatchObject({
    ...{ type: 'hash', name: 'config', bytes_key: 4, bytes_value: 16, max_entries: 64 },
  })
  expect(await bpftool('map', 'dump', 'id', `${id}`)).toMatchObject([
    { formatted: { key: 1000, value: { text: 'Hi user 1000!' } } },
  ])
  const program = programInfo(kernel, hello.program)
  const shown = await bpftool<Record<string, unknown>>('prog', 'show', 'id', `${program.id}`)
  expect(shown).toMatchObject({
    ...{ type: 'raw_tracepoint', name: 'hello_by_hand', gpl_compatible: true },
    bytes_xlated: program.instructions * 8,
  })
  expect(shown['map_ids']).toHaveLength(program.maps)
})

test('the instructions read like those of a compiler, each lookup with its map', () => {
  const text = disassembleProgram(decodeInsns(helloInstructions(33, 44)))
  const lines = text.split('\n').map((line) => line.replace(/^ *\d+: (\(\w\w\) )?/, ''))
  expect(lines.slice(5, 13)).toEqual([
    'r1 = map[fd:33]',
    'r2 = r10',
    'r2 += -4',
    'call bpf_map_lookup_elem#1',
    'if r0 != 0x0 goto pc+8',
    'r1 = 0x6f57206f6c6c6548',
    '*(u64 *)(r10 -24) = r1',
    'r1 = 0x646c72',
  ])
  expect(lines.at(16)).toBe('r1 = map[fd:44]')
  expect(lines.slice(-3)).toEqual(['call bpf_map_update_elem#2', 'r0 = 0', 'exit'])
})

test('the type information reads as C', () => {
  const btf = Btf.parse(helloBtf())
  expect(btf.find('message', 'struct')).toMatchObject({ name: 'message', size: 16 })
})

test('a pinned program is still loaded when its descriptors are closed', ({ pinFolder }) => {
  const kernel = new Kernel()
  const path = `${pinFolder}/hello`
  const hello = loadHello(kernel, 'ioctl')
  const { id } = programInfo(kernel, hello.program)
  pin(kernel, hello.program, path)
  expect(() => pin(kernel, hello.program, path)).toThrow(/file already exists.*\n.*rm /s)
  hello[Symbol.dispose]()
  const shown: string[] = []
  showPinned(kernel, path, (text) => shown.push(text))
  expect(shown).toEqual([
    expect.stringMatching(`^program ${id}: hello_by_hand, \\d+ instructions$`),
  ])
  rmSync(path)
  expect(() => openPinned(kernel, path)).toThrow(`Nothing is pinned at ${path}`)
  expect(existsSync(path)).toBe(false)
})

test('all programs and maps are found by their ids, in order', () => {
  const kernel = new Kernel()
  using hello = loadHello(kernel, 'ioctl')
  const programs = ids(kernel, 'PROG')
  expect(programs).toContain(programInfo(kernel, hello.program).id)
  expect(programs).toEqual(programs.toSorted((a, b) => a - b))
  const shown: string[] = []
  showAll(kernel, (text) => shown.push(text))
  const { id } = mapInfo(kernel, hello.greeted)
  expect(shown).toContain(`map ${id}: greeted, at most 4096 entries of 4 and 16 bytes`)
})

test('what the kernel refuses is told with the next step', () => {
  const kernel = new Kernel()
  using hello = loadHello(kernel, 'ioctl')
  const instructions = helloInstructions(hello.config, hello.greeted).slice(0, -16) // without the end
  const options = { name: 'no_end', type: 2, instructions, btf: 0 }
  expect(() => loadProgram(kernel, options)).toThrow(/cannot load program 'no_end'/)
  for (let pid = 1; pid <= 64; pid++) update(kernel, hello.config, pid, 'x')
  expect(() => update(kernel, hello.config, 65, 'x')).toThrow('The map is full.')
  expect(() => openPinned(kernel, '/etc/passwd')).toThrow('/etc/passwd is no pin')
  expect(() => architecture('s390x')).toThrow('known are x64, arm64')
})

test('who is not root is told so', () => {
  process.seteuid?.(secondUser.uid) // which takes all capabilities away, until it is root again
  try {
    expect(() => loadHello(new Kernel(), 'ioctl')).toThrow(
      /^cannot call bpf\(BPF_BTF_LOAD\): .*\(EPERM\)\nRun it as root/,
    )
  } finally {
    process.seteuid?.(0)
  }
})
