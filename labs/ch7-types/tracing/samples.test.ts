import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, waitUntil } from '@ebpf-labs/harness'
import { expect } from 'vitest'
import { iter as iterSkeleton } from '../build/tracing/iter.skel.ts'
import { perf_event as perfEventSkeleton } from '../build/tracing/perf_event.skel.ts'
import { temporaryFolder } from '../watch.ts'
import { iter } from './iter.ts'
import { compute, perfEvent } from './perf_event.ts'

test('a perf_event program sees where this thread was, each millisecond on a CPU', async () => {
  // The last sample may have met the thread within the kernel, and a busy computer may have stopped the machine: then look again.
  for (let tries = 0; tries < 20; tries++) {
    const [sighting] = await perfEvent.show()
    if (sighting?.saw === undefined) continue
    const { samples, period, address } = sighting.saw
    expect(period).toBe(1_000_000n)
    expect(samples).toBeLessThan(100)
    const at = BigInt(address ?? 0)
    if (Number(samples) <= 3 || at >= 1n << 63n) continue
    expect(isCode(at)).toBe(true)
    return
  }
  expect.fail('all samples were within the kernel, or there were few each time')
})

test('a perf_event program runs for the process that it is attached to, and no other', async ({
  run,
}) => {
  const sleeper = await run(['sleep', '60'])
  await waitUntil('sleep to sleep', () => isAsleep(sleeper.pid)) // it takes the CPU to start
  using skel = perfEventSkeleton.open().load()
  const { on_sample } = skel.programs
  {
    using link = on_sample.attachPerfEvent({ pid: sleeper.pid, period: 1_000_000 })
    compute(50)
    expect(skel.data.bss.hits).toBe(0)
  }
  const busy = await run(['sh', '-c', 'while :; do :; done'])
  using link = on_sample.attachPerfEvent({ pid: busy.pid, period: 1_000_000 })
  await expect.poll(() => skel.data.bss.hits, { timeout: 15_000 }).toBeGreaterThan(3)
})

/** Whether a process has become sleep(1), and waits. */
const isAsleep = (pid: number) => /\(sleep\) S /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))

/** Whether this process may execute what is there. */
function isCode(address: bigint): boolean {
  return [...readFileSync('/proc/self/maps', 'latin1').matchAll(/^(\w+)-(\w+) ..x/gm)].some(
    ([, start, end]) => address >= BigInt(`0x${start}`) && address < BigInt(`0x${end}`),
  )
}

test('an iterator runs when it is read, and tells each open file with its descriptor', async () => {
  const [opened, closed] = await iter.show()
  expect(opened).toMatchObject({ saw: { descriptor: expect.any(Number), name: 'notes.txt' } })
  expect(opened?.did).toBe(`opened notes.txt as ${String(opened?.saw?.['descriptor'])}, and read`)
  expect(closed).toEqual({ did: 'closed it, and read again', saw: undefined })
})

test('an iterator that looks at one thread tells its files, and no other process’s', async ({
  run,
}) => {
  using folder = temporaryFolder()
  const path = (name: number | string) => join(folder.path, `${name}`)
  writeFileSync(path('theirs'), '')
  const other = await run(['sh', '-c', `exec 7<${path('theirs')}; echo open; sleep 60`])
  await other.line('open')

  using spec = iterSkeleton.open()
  spec.data.rodata.only_thread = process.pid
  using skel = spec.load()
  using link = skel.programs.each_file.attach()
  const expected = Array.from({ length: 23 }, (_, n) => `${openSync(path(n), 'w')} ${n}`)
  const lines = link.lines()
  expected.forEach((line) => closeSync(parseInt(line, 10)))
  expect(lines.filter((line) => expected.includes(line))).toEqual(expected)
  expect(lines.filter((line) => line.endsWith('theirs'))).toEqual([])
})
