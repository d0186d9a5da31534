import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Strace, Timeline, type TimelineEntry, kernelTooOld, test } from '@ebpf-labs/harness'
import { expect } from 'vitest'
import { hello_config } from './build/hello-config.skel.ts'
import { hello_ringbuf_config } from './build/hello-ringbuf-config.skel.ts'
import { attachHello, loadHello } from './by-hand/hello.ts'
import { Kernel } from './by-hand/kernel.ts'
import { lookup } from './by-hand/map.ts'

/** The system calls that this very process makes in a function, without those that only try something. */
async function traced(work: () => void): Promise<TimelineEntry[]> {
  using strace = new Strace('file')
  const [file = '', ...args] = strace.attach(process.pid)
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(child, 'exit')
  await once(child.stderr, 'data') // strace: Process … attached
  work()
  child.kill('SIGINT')
  const timeline = new Timeline()
  for await (const call of strace.follow(ended)) timeline.add(call)
  return timeline.entries.filter(({ probe, call }) => !probe && call !== 'execve')
}

const commands = (entries: readonly TimelineEntry[]) => entries.map(({ command }) => command)
/** How many entries have a command and a meaning like these. */
const count = (entries: readonly TimelineEntry[], command: string, meaning: RegExp) =>
  entries.filter((entry) => entry.command === command && meaning.test(entry.meaning)).length

const perfLinks = kernelTooOld('5.15')

test('libbpf and its user: type information, maps, program, then attach, then lookups', async () => {
  const entries = await traced(() => {
    using spec = hello_config.open()
    spec.programs.hello_raw.autoload = false
    using skel = spec.load()
    using links = skel.attach()
    skel.maps.config.get(0)
  })
  const attach = perfLinks === '' ? 'BPF_LINK_CREATE' : 'PERF_EVENT_IOC_SET_BPF'
  const order = ['BPF_BTF_LOAD', 'BPF_MAP_CREATE', 'BPF_PROG_LOAD', attach, 'BPF_MAP_LOOKUP_ELEM']
  const seen = commands(entries).filter((command) => order.includes(command))
  expect(seen.filter((command, n) => command !== seen[n - 1])).toEqual(order)
  expect(commands(entries).filter((command) => command === 'BPF_MAP_CREATE')).toHaveLength(4)
})

test('a perf buffer is set up for each CPU', async () => {
  const cpus = onlineCpus()
  using spec = hello_config.open()
  spec.programs.hello_raw.autoload = false
  using skel = spec.load()
  const entries = await traced(() => {
    using events = skel.maps.events.open()
    events.read()
  })
  const event = /perf event software PERF_COUNT_SW_BPF_OUTPUT/
  expect(count(entries, 'perf_event_open', /software PERF_COUNT_SW_BPF_OUTPUT/)).toBe(cpus)
  expect(count(entries, 'mmap', event)).toBe(cpus)
  expect(count(entries, 'BPF_MAP_UPDATE_ELEM', /writes an entry of map/)).toBe(cpus)
  expect(count(entries, 'PERF_EVENT_IOC_ENABLE', event)).toBe(cpus)
  expect(count(entries, 'EPOLL_CTL_ADD', event)).toBe(cpus)
})

const noRings = kernelTooOld('5.8')
test.skipIf(noRings !== '')(`a ring buffer is set up once, for all CPUs${noRings}`, async () => {
  using skel = hello_ringbuf_config.open().load()
  const entries = await traced(() => {
    using events = skel.maps.events.open()
    events.read()
  })
  expect(commands(entries)).not.toContain('perf_event_open')
  expect(commands(entries)).not.toContain('BPF_MAP_UPDATE_ELEM')
  expect(count(entries, 'mmap', /maps map \d+ into the process's memory/)).toBe(2) // what is read, and how far
  expect(count(entries, 'EPOLL_CTL_ADD', /when map \d+ has data/)).toBe(1)
})

test('by hand there is nothing but what the program needs', async () => {
  const entries = await traced(() => {
    const kernel = new Kernel()
    using hello = loadHello(kernel, 'ioctl')
    using attachment = attachHello(kernel, hello.program, 'ioctl')
    lookup(kernel, hello.greeted, 1)
  })
  expect(commands(entries)).toEqual([
    ...['BPF_BTF_LOAD', 'BPF_MAP_CREATE', 'BPF_MAP_CREATE', 'BPF_PROG_LOAD'],
    ...['perf_event_open', 'PERF_EVENT_IOC_SET_BPF', 'PERF_EVENT_IOC_ENABLE'],
    'BPF_MAP_LOOKUP_ELEM',
    ...['close', 'close', 'close', 'close', 'close'], // event, BTF, maps, program
  ])
  expect(entries[3]?.meaning).toBe(
    'has the verifier check a kprobe program of 28 instructions, and loads it',
  )
})

/** Those of `0-3,8`. */
function onlineCpus(): number {
  const ranges = readFileSync('/sys/devices/system/cpu/online', 'latin1').trim().split(',')
  return ranges
    .map((range) => range.split('-').map(Number))
    .reduce((sum, [first = 0, last = first]) => sum + last - first + 1, 0)
}
