import { spawnSync } from 'node:child_process'
import { test } from '@ebpf-labs/harness'
import { probeAttachKind } from '@ebpf-labs/libbpf'
import { expect } from 'vitest'
import { execve } from './build/execve.skel.ts'

interface Seen {
  way: string
  after: number
  cost: number
  pid: number
  comm: string
  path: string
}

const seenIn = (stdout: string): Seen[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

const fentry = probeAttachKind('fentry')
const six = [
  'tracepoint',
  'ksyscall',
  'kprobe',
  'fentry',
  'raw_tracepoint',
  'btf_tracepoint',
] as const
type Way = (typeof six)[number]

test(
  'one execve fires six programs in the order of its life, and each reads the path',
  { timeout: 60_000 },
  async ({ exec }) => {
    const argv = ['node', 'execve.ts', '--json', '--times', '2']
    const { code, stdout } = await exec(argv, { deadline: 45_000 })
    expect(code).toBe(0)
    const seen = seenIn(stdout).filter(({ path }) => path !== undefined)
    expect(seen.map(({ way }) => way)).toEqual(
      six.filter((way) => way !== 'fentry' || fentry.supported),
    )
    expect(new Set(seen.map(({ pid }) => pid)).size).toBe(1)
    for (const { way, after, cost, comm, path } of seen) {
      expect(path).toBe('/bin/true')
      // The process has its new name when the new program is in place.
      if (way.endsWith('_tracepoint')) expect(comm).toBe('true')
      else expect(comm).not.toBe('true')
      expect(cost).toBeGreaterThan(0)
      expect(cost).toBeLessThan(1e9) // some µs, but a busy computer may stop the machine in the middle
      expect(after).toBeGreaterThanOrEqual(0)
    }
    const times = seen.map(({ after }) => after)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    if (!fentry.supported)
      expect(stdout).toContain(JSON.stringify({ way: 'fentry', here: false, needs: fentry.needs }))
  },
)

/** Loads some of the ways, attaches them in this order, starts something, and returns the ways in the order in which they fired. */
function orderOf(ways: readonly Way[], path: string): Way[] {
  using spec = execve.open()
  spec.data.rodata.only_parent = process.pid
  for (const way of six) spec.programs[way].autoload = ways.includes(way)
  using skel = spec.load()
  using stack = new DisposableStack()
  for (const way of ways) stack.use(skel.programs[way].attach())
  using sights = skel.maps.sights.open()
  spawnSync(path)
  return sights.read().map(({ way }) => six[way] ?? 'tracepoint')
}

test('two programs at one tracepoint run in the order in which they were attached', () => {
  for (const order of [
    ['raw_tracepoint', 'btf_tracepoint'],
    ['btf_tracepoint', 'raw_tracepoint'],
  ] as const)
    expect(orderOf(order, '/bin/true')).toEqual(order)
})

test('an execve of a file that does not exist is seen at the entry of the system call alone', () => {
  const ways = six.filter((way) => way !== 'fentry' || fentry.supported)
  expect(orderOf(ways, '/no/such/file')).toEqual(['tracepoint', 'ksyscall'])
})

test('a way that is not there gets a suggestion', async ({ exec }) => {
  const { code, stderr } = await exec(['node', 'execve.ts', '--only', 'fentri'])
  expect(code).toBe(2)
  expect(stderr).toContain("Did you mean 'fentry'?")
})
