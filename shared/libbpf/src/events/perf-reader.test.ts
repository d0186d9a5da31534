import { expect, test } from 'vitest'
import { EventsObject } from '../../test/events.ts'
import { thrown } from '../../test/thrown.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { ClosedError } from '../errors/closed-error.ts'
import { pageSize } from '../ffi/mmap.ts'
import { onlineCpus } from './perf-reader.ts'
import type { RecordView } from './record-view.ts'

const cpus = onlineCpus()
const decode = (record: RecordView) => ({
  cpu: record.u32(0),
  tag: record.u32(4),
  seq: record.u64(8),
  length: record.length,
})

test('events of every CPU arrive with their CPU, in order on each', async () => {
  using o = new EventsObject()
  const reader = o.perf.open({ decode, signal: AbortSignal.timeout(30_000) })
  for (const cpu of cpus) o.emitPerf(23, 100 * cpu, cpu)
  const seen = new Map<number, number[]>(cpus.map((cpu) => [cpu, []]))
  let left = 23 * cpus.length
  for await (const { cpu, event, lost } of reader) {
    expect(lost).toBe(0)
    expect(event?.cpu).toBe(cpu)
    seen.get(cpu)?.push(event!.tag)
    left -= 1
    if (left === 0) break
  }
  for (const cpu of cpus) {
    expect(seen.get(cpu)).toEqual(Array.from({ length: 23 }, (_, i) => 100 * cpu + i))
  }
  expect(reader.closed).toBe(true)
})

test('events that come while the loop waits wake it', async () => {
  using o = new EventsObject()
  let sent = 0
  const timer = setInterval(() => o.emitPerf(1, sent++, cpus.at(-1)!), 5)
  const seen: number[] = []
  for await (const { event } of o.perf.open({ decode, signal: AbortSignal.timeout(30_000) })) {
    seen.push(event!.tag)
    if (seen.length === 23) break
  }
  clearInterval(timer)
  expect(seen).toEqual(Array.from({ length: 23 }, (_, i) => i))
})

test('what found no room comes as a loss, and nothing is missing from the sum', () => {
  using o = new EventsObject()
  using reader = o.perf.open({ decode, pages: 1 })
  o.emitPerf(1000, 0, 0)
  const first = reader.read()
  const received = first.filter(({ lost }) => lost === 0).length
  expect(received).toBeLessThan(pageSize() / 48)
  // The kernel tells with the next event that finds room.
  o.emitPerf(1, 0, 0)
  const later = reader.read()
  const lost = [...first, ...later].reduce((sum, event) => sum + event.lost, 0)
  expect(received + lost).toBe(1000)
  expect(reader.lost).toBe(lost)
  expect(later.some(({ lost: n, event }) => n === lost && event === undefined)).toBe(true)
})

test('records that wrap around the end of the buffer are whole', () => {
  using o = new EventsObject()
  using reader = o.perf.open({ decode, pages: 1 })
  for (let i = 0; i < 300; i += 1) {
    o.emitPerf(3, i * 3, 0)
    const events = reader.read().map(({ event }) => event)
    expect(events.map((event) => event?.tag)).toEqual([i * 3, i * 3 + 1, i * 3 + 2])
    expect(events.map((event) => event?.seq)).toEqual([0n, 1n, 2n])
  }
})

test('order by time puts the events of all CPUs in the order they happened', () => {
  using o = new EventsObject()
  using reader = o.perf.open({ decode, order: 'time' })
  const order: number[] = []
  for (let i = 0; i < 10; i += 1) {
    const cpu = cpus[i % cpus.length]!
    o.emitPerf(1, i, cpu)
    order.push(i)
  }
  const events = reader.read()
  expect(events.map(({ event }) => event?.tag)).toEqual(order)
  expect(events.every(({ time }, i) => i === 0 || time! >= events[i - 1]!.time!)).toBe(true)
})

test('without a type, events are their bytes', () => {
  using o = new EventsObject()
  using reader = o.perf.open()
  o.emitPerf(1, 7, 0)
  const [event] = reader.read()
  // 48 bytes, and 4 that perf pads its record with.
  expect(event?.event?.length).toBe(52)
  expect(new DataView(event!.event!.buffer).getUint32(4, true)).toBe(7)
})

test('a closed reader frees its CPUs, ends its loop and can be opened again', async () => {
  using o = new EventsObject()
  const reader = o.perf.open({ decode })
  expect(() => o.perf.open()).toThrow(/open already/)
  setTimeout(() => reader.close(), 10)
  expect(await Array.fromAsync(reader)).toEqual([])
  expect(() => reader.read()).toThrow(ClosedError)
  expect(o.perf.delete(0)).toBe(false)
  using again = o.perf.open({ decode })
  o.emitPerf(1, 5, 0)
  expect(again.read()[0]?.event?.tag).toBe(5)
})

test('a number of pages that is no power of two is refused', () => {
  using o = new EventsObject()
  for (const pages of [0, 3, -2, 1.5, NaN]) {
    expect(thrown(BpfError, () => o.perf.open({ pages })).message).toContain('power of two')
  }
})
