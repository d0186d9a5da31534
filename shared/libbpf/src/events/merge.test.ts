import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, expectTypeOf, test } from 'vitest'
import { EventsObject } from '../../test/events.ts'
import type { TestEvent } from '../../test/events.ts'
import { thrown } from '../../test/thrown.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { mergeEvents } from './merge.ts'
import type { PerfSample } from './perf-reader.ts'
import type { RecordView } from './record-view.ts'

const DEADLINE = 30_000

/** The readers of an object's two ring buffers and of its perf buffer. */
function open(o: EventsObject, signal = AbortSignal.timeout(DEADLINE)) {
  const decode = (record: RecordView) => record.u32(4)
  return {
    typed: o.events.open({ signal }),
    bytes: o.untyped.open({ signal, decode: (record) => record.u8(0) }),
    perf: o.perf.open({ signal, decode }),
  }
}

/** Bytes in use once everything that can go is gone. */
function heap(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc()')
  return process.memoryUsage().heapUsed
}

test('events of two ring buffers and a perf buffer come in one loop, each with its name and type', async () => {
  using o = new EventsObject()
  const seen = { typed: [] as number[], bytes: [] as number[], perf: [] as number[] }
  let left = 23
  const send = (from: number, to: number): void => {
    for (let i = from; i < to; i += 1) {
      if (i % 3 === 0) o.emit(1, i)
      else if (i % 3 === 1) o.emitBytes(4, i)
      else o.emitPerf(1, i, 0)
    }
  }
  const merged = mergeEvents(open(o))
  send(0, 10)
  for await (const [name, event] of merged) {
    if (name === 'typed') {
      expectTypeOf(event).toEqualTypeOf<TestEvent>()
      seen.typed.push(event.tag)
    } else if (name === 'bytes') {
      expectTypeOf(event).toEqualTypeOf<number>()
      seen.bytes.push(event)
    } else {
      expectTypeOf(event).toEqualTypeOf<PerfSample<number>>()
      seen.perf.push(event.event ?? Number.NaN)
    }
    left -= 1
    if (left === 13) setTimeout(send, 5, 10, 23) // the loop waits by then
    if (left === 0) break
  }
  expect(seen).toEqual({
    typed: [0, 3, 6, 9, 12, 15, 18, 21],
    bytes: [1, 4, 7, 10, 13, 16, 19, 22],
    perf: [2, 5, 8, 11, 14, 17, 20],
  })
  expect(merged.closed).toBe(true)
})

test('a buffer that overflows with events does not keep the others waiting', async () => {
  using o = new EventsObject()
  o.emit(5000)
  o.emitBytes(4, 7)
  let before = 0
  for await (const [name] of mergeEvents(open(o))) {
    if (name === 'bytes') break
    before += 1
    // A program that sends faster than the loop reads.
    o.emit(1)
    if (before > 5000) break
  }
  expect(before).toBeLessThanOrEqual(128)
})

test('a reader that is closed leaves the others, and the last one ends the loop', async () => {
  using o = new EventsObject()
  const readers = open(o)
  const merged = mergeEvents(readers)
  const seen: string[] = []
  const closed: boolean[] = []
  o.emit(2)
  for await (const [name] of merged) {
    seen.push(name)
    if (seen.length === 1) {
      readers.typed.close() // its second event was decoded already
      o.emitBytes(4, 1)
    } else {
      readers.bytes.close()
      closed.push(merged.closed)
      setTimeout(() => readers.perf.close(), 5)
    }
  }
  expect(seen).toEqual(['typed', 'bytes'])
  expect([...closed, merged.closed]).toEqual([false, true])
})

test('a signal, close() and the end of a block each end a loop that waits, and close all readers', async () => {
  using o = new EventsObject()
  const controller = new AbortController()
  setTimeout(() => controller.abort(), 5)
  const byNow = await Array.fromAsync(mergeEvents(open(o, controller.signal)))
  expect(byNow).toEqual([])
  const merged = mergeEvents(open(o))
  setTimeout(() => merged.close(), 5)
  expect(await Array.fromAsync(merged)).toEqual([])
  {
    using _unread = mergeEvents(open(o))
  }
  using again = mergeEvents(open(o))
  expect(again.closed).toBe(false)
})

test('an event that cannot be decoded ends the loop after the events ahead of it, and closes all readers', async () => {
  using o = new EventsObject()
  const signal = AbortSignal.timeout(DEADLINE)
  const typed = o.events.open({ signal })
  const bytes = o.untyped.open({
    signal,
    decode: (record) => {
      if (record.length > 4) throw new RangeError('too long')
      return record.u8(0)
    },
  })
  o.emitBytes(4, 1)
  o.emitBytes(4, 2)
  o.emitBytes(100, 3)
  o.emitBytes(4, 4)
  const seen: unknown[] = []
  const loop = async () => {
    for await (const [, event] of mergeEvents({ typed, bytes })) seen.push(event)
  }
  await expect(loop()).rejects.toThrow('too long')
  expect(seen).toEqual([1, 2])
  expect(typed.closed && bytes.closed).toBe(true)
})

test('a reader that is quiet for long does not collect memory while another one is busy', async () => {
  using o = new EventsObject()
  o.emit(1)
  let rounds = 0
  let before = 0
  let after = 0
  for await (const _ of mergeEvents(open(o))) {
    rounds += 1
    if (rounds === 200) before = heap()
    if (rounds === 1200) {
      after = heap()
      break
    }
    o.emit(1)
  }
  expect(rounds).toBe(1200)
  // One more reaction on the promises of the quiet readers, for each event, would be 240 kB.
  expect(after - before).toBeLessThan(100_000)
})

test('nothing to read, and a reader under two names, are refused', () => {
  using o = new EventsObject()
  expect(thrown(BpfError, () => mergeEvents({})).message).toContain('got none')
  using reader = o.events.open()
  const error = thrown(BpfError, () => mergeEvents({ one: reader, two: reader }))
  expect(error.message).toContain('1 under 2 names')
})
