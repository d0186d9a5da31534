import { test } from '@ebpf-labs/harness'
import { probeAttachKind } from '@ebpf-labs/libbpf'
import { expect } from 'vitest'

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
const six = ['tracepoint', 'ksyscall', 'kprobe', 'fentry', 'raw_tracepoint', 'btf_tracepoint']

test('one execve fires six programs in the order of its life, and each reads the path', async ({
  exec,
}) => {
  const { code, stdout } = await exec(['node', 'execve.ts', '--json', '--times', '2'])
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
    expect(cost).toBeLessThan(50_000_000)
    expect(after).toBeGreaterThanOrEqual(0)
  }
  const times = seen.map(({ after }) => after)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  if (!fentry.supported)
    expect(stdout).toContain(JSON.stringify({ way: 'fentry', here: false, needs: fentry.needs }))
})

test('a way that is not there gets a suggestion', async ({ exec }) => {
  const { code, stderr } = await exec(['node', 'execve.ts', '--only', 'fentri'])
  expect(code).toBe(2)
  expect(stderr).toContain("Did you mean 'fentry'?")
})
