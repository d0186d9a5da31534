import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { EventsObject, NO_WAKEUP, checkOf } from '../../test/events.ts'
import { thrown } from '../../test/thrown.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { ClosedError } from '../errors/closed-error.ts'
import { openMap, openMapById } from '../maps/open.ts'
import { RingBufMap } from './ring-buf-map.ts'

/** Long enough for a slow machine; a test that needs it all has failed. */
const DEADLINE = 30_000

/** Number of epoll instances that this process has open. */
function epolls(): number {
  const links = readdirSync('/proc/self/fd').map((fd) => {
    const path = `/proc/self/fd/${fd}`
    // The descriptor of the folder itself is gone by now.
    return existsSync(path) || lstatSync(path, { throwIfNoEntry: false }) ? readlinkSync(path) : ''
  })
  return links.filter((link) => link.includes('eventpoll')).length
}

const tags = (events: readonly { tag: number }[]) => events.map(({ tag }) => tag)
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i)

test('a loop gets every event, decoded, in order', async () => {
  using o = new EventsObject()
  const seen = []
  o.emit(10)
  for await (const event of o.events.open({ signal: AbortSignal.timeout(DEADLINE) })) {
    seen.push(event)
    if (seen.length === 10) o.emit(13, 10)
    if (seen.length === 23) break
  }
  expect(tags(seen)).toEqual(upTo(23))
  expect(seen.every(({ seq, check }) => check === checkOf(seq))).toBe(true)
  expect(seen[0]?.comm).toBe(
    execFileSync('cat', [`/proc/${process.pid}/comm`])
      .toString()
      .trim(),
  )
})

test('events that come while the loop waits wake it', async () => {
  using o = new EventsObject()
  let sent = 0
  const timer = setInterval(() => o.emit(1, sent++), 5)
  const seen: number[] = []
  for await (const { tag } of o.events.open({ signal: AbortSignal.timeout(DEADLINE) })) {
    seen.push(tag)
    if (seen.length === 23) break
  }
  clearInterval(timer)
  expect(seen).toEqual(upTo(23))
})

test('batches give all that is there at once', async () => {
  using o = new EventsObject()
  o.emit(1000)
  const sizes = []
  const seen: number[] = []
  for await (const batch of o.events.open({ signal: AbortSignal.timeout(DEADLINE) }).batches(400)) {
    sizes.push(batch.length)
    seen.push(...tags(batch))
    if (seen.length === 1000) break
  }
  expect(sizes).toEqual([400, 400, 200])
  expect(seen).toEqual(upTo(1000))
})

test('leaving the loop closes the reader, so that the next one can open', async () => {
  using o = new EventsObject()
  for (const round of [0, 1]) {
    o.emit(2, round * 10)
    const reader = o.events.open({ signal: AbortSignal.timeout(DEADLINE) })
    expect(() => o.events.open()).toThrow(/open already/)
    for await (const { tag } of reader) {
      // The second event of the first round was decoded with the first, and is gone with its reader.
      expect(tag).toBe(round * 10)
      break
    }
    expect(reader.closed).toBe(true)
  }
})

test('a second handle to the same ring buffer in this process is refused', () => {
  using o = new EventsObject()
  using reader = o.events.open()
  using other = openMapById(o.events.id)
  if (!(other instanceof RingBufMap)) throw new Error('no RingBufMap')
  const error = thrown(BpfError, () => other.open({ decode: (record) => record.length }))
  expect(error.message).toContain('Events go to one reader')
  reader.close()
  other.open({ decode: (record) => record.length }).close()
})

test('close() ends a loop that waits', async () => {
  using o = new EventsObject()
  const reader = o.events.open()
  setTimeout(() => reader.close(), 20)
  const seen = await Array.fromAsync(reader)
  expect(seen).toEqual([])
  expect(() => reader.read()).toThrow(ClosedError)
  expect(() => reader.consume(() => undefined)).toThrow(ClosedError)
  reader.close()
})

test('closing the object ends a loop that waits', async () => {
  const o = new EventsObject()
  setTimeout(() => o.object.close(), 20)
  expect(await Array.fromAsync(o.events.open())).toEqual([])
  expect(() => o.events.open()).toThrow(ClosedError)
})

test('a signal ends the loop as if there were no more events', async () => {
  using o = new EventsObject()
  const stop = new AbortController()
  o.emit(3)
  const seen = []
  for await (const event of o.events.open({ signal: stop.signal })) {
    seen.push(event)
    if (seen.length === 3) setTimeout(() => stop.abort(), 20)
  }
  expect(tags(seen)).toEqual([0, 1, 2])
  const reader = o.events.open({ signal: stop.signal })
  expect(reader.closed).toBe(true)
  expect(await Array.fromAsync(reader)).toEqual([])
  o.events.open().close() // an aborted reader takes no slot
})

test('an event that does not fit its type rejects the loop after those before it', async () => {
  using o = new EventsObject()
  const seen: number[] = []
  let count = 0
  const reader = o.events.open({
    decode: (record) => {
      count += 1
      if (count === 3) return Number(record.u64(100))
      return record.u32(4)
    },
  })
  o.emit(5)
  const loop = async () => {
    for await (const tag of reader) seen.push(tag)
  }
  await expect(loop()).rejects.toThrow(/at least 108 bytes, got 40/)
  expect(seen).toEqual([0, 1])
  expect(reader.closed).toBe(true)
})

test('an exception in the body of the loop closes the reader', async () => {
  using o = new EventsObject()
  o.emit(1)
  const reader = o.events.open()
  const loop = async () => {
    for await (const { tag } of reader) throw new Error(`tag ${tag}`)
  }
  await expect(loop()).rejects.toThrow('tag 0')
  expect(reader.closed).toBe(true)
})

test('read() takes what is there and does not wait', () => {
  using o = new EventsObject()
  using reader = o.events.open()
  expect(reader.read()).toEqual([])
  o.emit(23)
  expect(tags(reader.read(3))).toEqual([0, 1, 2])
  expect(tags(reader.read())).toEqual(upTo(23).slice(3))
})

test('consume() shows records in place and takes their wake-up away from nobody', async () => {
  using o = new EventsObject()
  using reader = o.events.open()
  o.emit(23, 0, NO_WAKEUP)
  let sum = 0
  expect(reader.consume((record) => (sum += record.u32(4)))).toBe(23)
  expect(sum).toBe((22 * 23) / 2)
  expect(reader.consume(() => expect.unreachable())).toBe(0)
  const next = reader[Symbol.asyncIterator]().next()
  o.emit(1, 99)
  expect((await next).value?.tag).toBe(99)
})

test('a ring buffer without a type of its events says what to add to the program', () => {
  using o = new EventsObject()
  const error = thrown(BpfError, () => o.untyped.open())
  expect(error.message).toContain('__type(value, struct event)')
  using reader = o.untyped.open({ decode: (record) => record.bytes() })
  o.emitBytes(4, 7)
  o.emitBytes(100, 8, true)
  o.emitBytes(100, 9)
  const [first, second, ...rest] = reader.read()
  expect(first).toEqual(new Uint8Array([7, 7, 7, 7]))
  expect(second?.length).toBe(100)
  expect(rest).toEqual([])
})

test('pending says how many bytes wait, positions how many there were', () => {
  using o = new EventsObject()
  using reader = o.events.open()
  expect(reader.pending).toBe(0)
  o.emit(3)
  expect(reader.pending).toBe(3 * (40 + 8))
  reader.read(1)
  expect(reader.pending).toBe(2 * (40 + 8))
  expect(reader.positions).toEqual({ consumer: 48n, producer: 144n })
})

test('what found no room is counted by the program and told by the reader', async () => {
  using o = new EventsObject({ ringBytes: 4096 })
  const told: number[] = []
  using reader = o.events.open({ dropped: () => o.dropped, onDrop: (count) => told.push(count) })
  o.emit(100)
  const received = reader.read().length
  expect(received).toBe(Math.floor(4096 / 48))
  expect(told).toEqual([100 - received])
  expect(reader.dropped).toBe(100 - received)
  o.emit(100)
  reader.close()
  expect(told).toEqual([100 - received, 100 - received])
})

test('without onDrop, a warning tells of lost events', async () => {
  using o = new EventsObject({ ringBytes: 4096 })
  const warning = Promise.withResolvers<Error>()
  const listen = (w: Error): void => {
    if (w.name === 'BpfLostEvents') warning.resolve(w)
  }
  process.on('warning', listen)
  using reader = o.events.open({ dropped: () => o.dropped })
  o.emit(100)
  reader.read()
  expect((await warning.promise).message).toMatch(/15 events of 'events' lost/)
  process.off('warning', listen)
})

test('a flood of events leaves timers their turn', async () => {
  using o = new EventsObject()
  const reader = o.events.open({ signal: AbortSignal.timeout(DEADLINE) })
  let ticks = 0
  const timer = setInterval(() => {
    ticks += 1
  }, 1)
  let turns = 0
  o.emit(1000)
  for await (const { tag } of reader) {
    // The ring is never empty: without a turn for others this loop would never end.
    if (tag === 999) o.emit(1000)
    turns = ticks
    if (turns >= 5) break // several timers may run between two events
  }
  clearInterval(timer)
  expect(turns).toBeGreaterThanOrEqual(5)
})

test('two next() calls at once get two events, in order', async () => {
  using o = new EventsObject()
  using reader = o.events.open()
  const iterator = reader[Symbol.asyncIterator]()
  const both = Promise.all([iterator.next(), iterator.next()])
  await delay(5)
  o.emit(2)
  expect((await both).map(({ value }) => value?.tag)).toEqual([0, 1])
})

test('several ring buffers share one epoll instance, which goes with the last of them', async () => {
  const before = epolls()
  using one = new EventsObject()
  using two = new EventsObject()
  const first = one.events.open()
  const second = two.events.open()
  const next = [first, second].map((reader) => reader[Symbol.asyncIterator]().next())
  two.emit(1, 2)
  one.emit(1, 1)
  expect((await Promise.all(next)).map(({ value }) => value?.tag)).toEqual([1, 2])
  expect(epolls()).toBe(before + 1)
  first.close()
  const later = second[Symbol.asyncIterator]().next()
  two.emit(1, 3)
  expect((await later).value?.tag).toBe(3)
  second.close()
  expect(epolls()).toBe(before)
})

test('a map whose descriptor is no ring buffer is refused without ending the process', () => {
  const wrong = openMap({
    fd: 0,
    name: 'wrong',
    type: 'ringbuf',
    keySize: 0,
    valueSize: 0,
    maxEntries: 4096,
    flags: 0,
    id: 0xffff_ffff,
    owner: { closed: false },
  })
  if (!(wrong instanceof RingBufMap)) throw new Error('no RingBufMap')
  const error = thrown(BpfError, () => wrong.open({ decode: () => 0 }))
  expect(error.message).toMatch(/cannot mmap ring buffer 'wrong'/)
})
