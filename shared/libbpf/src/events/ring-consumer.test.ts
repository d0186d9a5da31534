import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { thrown } from '../../test/thrown.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { ClosedError } from '../errors/closed-error.ts'
import { Mapping, pageSize } from '../ffi/mmap.ts'
import { RingConsumer } from './ring-consumer.ts'
import { BUSY_BIT, DISCARD_BIT, HEADER_SIZE } from './ring-memory.ts'

const SIZE = 4096

/**
 * Shared memory laid out like a ring buffer's, which the test writes in the kernel's place: only so can a
 * record stay busy, or a length be wrong, for as long as a test needs it.
 */
class Ring implements Disposable {
  readonly fd: number
  readonly #folder: string
  readonly #memory: Mapping
  readonly #consumer: BigInt64Array
  readonly #producer: BigInt64Array
  readonly #words: Int32Array

  constructor(start = 0n) {
    const page = pageSize()
    this.#folder = mkdtempSync('/dev/shm/ring-')
    this.fd = openSync(join(this.#folder, 'ring'), 'w+')
    const length = 2 * page + 2 * SIZE
    ftruncateSync(this.fd, length)
    const operation = 'mmap'
    this.#memory = new Mapping({ fd: this.fd, length, writable: true, subject: 'test', operation })
    this.#consumer = new BigInt64Array(this.#memory.buffer, 0, 1)
    this.#producer = new BigInt64Array(this.#memory.buffer, page, 1)
    this.#words = new Int32Array(this.#memory.buffer, 2 * page)
    this.#consumer[0] = start
    this.#producer[0] = start
  }

  /** Appends a record of one word with these bits in its header, and returns where its header is. */
  push(value: number, bits = 0, length = 4): number {
    const at = Number(this.#producer[0]! % BigInt(SIZE)) / 4
    for (const copy of [0, SIZE / 4]) {
      this.#words[at + copy] = length | bits
      this.#words[(at + copy + HEADER_SIZE / 4) % (SIZE / 2)] = value
    }
    this.#producer[0]! += BigInt((length + HEADER_SIZE + 7) & ~7)
    return at
  }

  /** What the kernel does at submit: the busy bit goes. */
  commit(at: number, length = 4): void {
    this.#words[at] = length
    this.#words[at + SIZE / 4] = length
  }

  get consumer(): bigint {
    return this.#consumer[0]!
  }

  set producer(position: bigint) {
    this.#producer[0] = position
  }

  get producer(): bigint {
    return this.#producer[0]!
  }

  [Symbol.dispose](): void {
    this.#memory.close()
    closeSync(this.fd)
    rmSync(this.#folder, { recursive: true })
  }
}

function values(consumer: RingConsumer, limit = 1000): number[] {
  const found: number[] = []
  consumer.consume((record) => found.push(record.u32(0)), limit)
  return found
}

test('a busy record ends the pass, and what is behind it comes when it is committed', () => {
  using ring = new Ring()
  using consumer = new RingConsumer(ring.fd, 'events', SIZE)
  ring.push(1)
  const busy = ring.push(2, BUSY_BIT)
  ring.push(3)
  expect(values(consumer)).toEqual([1])
  // The kernel wakes a reader when it commits the record at the position that is stored.
  expect(ring.consumer).toBe(16n)
  expect(values(consumer)).toEqual([])
  ring.commit(busy)
  expect(values(consumer)).toEqual([2, 3])
  expect(ring.consumer).toBe(ring.producer)
})

test('a record that comes while the last one is handled is seen in the same call', () => {
  using ring = new Ring()
  using consumer = new RingConsumer(ring.fd, 'events', SIZE)
  ring.push(1)
  const seen: number[] = []
  consumer.consume((record) => {
    seen.push(record.u32(0))
    // Committed before our position is stored: no wake-up comes for it.
    if (seen.length < 5) ring.push(seen.length + 1)
  }, 1000)
  expect(seen).toEqual([1, 2, 3, 4, 5])
})

test('discarded records are skipped', () => {
  using ring = new Ring()
  using consumer = new RingConsumer(ring.fd, 'events', SIZE)
  ring.push(1, DISCARD_BIT)
  ring.push(2)
  ring.push(3, DISCARD_BIT)
  expect(values(consumer)).toEqual([2])
  expect(ring.consumer).toBe(48n)
})

test.each([2n ** 32n - 32n, 2n ** 53n - 32n, 2n ** 63n - 4096n])(
  'positions are exact in 64 bits: from %d on',
  (start) => {
    using ring = new Ring(start)
    using consumer = new RingConsumer(ring.fd, 'events', SIZE)
    for (let i = 0; i < 5; i += 1) ring.push(i)
    expect(consumer.pending).toBe(5 * 16)
    expect(values(consumer)).toEqual([0, 1, 2, 3, 4])
    expect(ring.consumer).toBe(start + 80n)
    expect(consumer.positions).toEqual({ consumer: start + 80n, producer: start + 80n })
  },
)

test('a length that reaches beyond what was written is an error, not a read of other memory', () => {
  using ring = new Ring()
  using consumer = new RingConsumer(ring.fd, 'events', SIZE)
  const at = ring.push(1)
  ring.commit(at, 2000)
  const error = thrown(BpfError, () => values(consumer))
  expect(error.message).toMatch(/'events'.*a record of 2000 bytes where 16 were written/)
  expect(error.message).toContain('Only one process')
})

test('a producer beyond the ring, or behind the consumer, is an error', () => {
  using ring = new Ring(8192n)
  using consumer = new RingConsumer(ring.fd, 'events', SIZE)
  ring.producer = 8192n + 4097n
  expect(thrown(BpfError, () => values(consumer)).message).toContain(
    '4097 bytes wait in a ring of 4096',
  )
  ring.producer = 0n
  expect(thrown(BpfError, () => values(consumer)).message).toContain('-8192 bytes')
})

test('an exception counts its record as read and leaves the others', () => {
  using ring = new Ring()
  using consumer = new RingConsumer(ring.fd, 'events', SIZE)
  for (let i = 1; i <= 3; i += 1) ring.push(i)
  const fail = () =>
    consumer.consume((record) => {
      if (record.u32(0) === 2) throw new Error('two')
    }, 1000)
  expect(fail).toThrow('two')
  expect(ring.consumer).toBe(32n)
  expect(values(consumer)).toEqual([3])
})

test('a limit leaves the rest for the next call', () => {
  using ring = new Ring()
  using consumer = new RingConsumer(ring.fd, 'events', SIZE)
  for (let i = 1; i <= 5; i += 1) ring.push(i)
  expect(values(consumer, 2)).toEqual([1, 2])
  expect(values(consumer, 2)).toEqual([3, 4])
  expect(values(consumer, 2)).toEqual([5])
})

test('closing the ring inside the callback ends the pass without touching unmapped memory', () => {
  using ring = new Ring()
  const consumer = new RingConsumer(ring.fd, 'events', SIZE)
  for (let i = 1; i <= 5; i += 1) ring.push(i)
  const seen: number[] = []
  consumer.consume((record) => {
    seen.push(record.u32(0))
    consumer.close()
  }, 1000)
  expect(seen).toEqual([1])
  expect(() => values(consumer)).toThrow(ClosedError)
  consumer.close()
})

test('a call from inside the callback is refused: it would get the same records again', () => {
  using ring = new Ring()
  using consumer = new RingConsumer(ring.fd, 'events', SIZE)
  ring.push(1)
  expect(() => consumer.consume(() => values(consumer), 1000)).toThrow(/being read/)
  ring.push(2)
  expect(values(consumer)).toEqual([2])
})

test('a record that is read outside of its bounds throws, before and after its callback', () => {
  using ring = new Ring()
  using consumer = new RingConsumer(ring.fd, 'events', SIZE)
  ring.push(7)
  let kept: { u32(offset: number): number } | undefined
  consumer.consume((record) => {
    kept = record
    expect(record.length).toBe(4)
    expect(record.u16(2)).toBe(0)
    expect(() => record.u32(1)).toThrow(/at least 5 bytes, got 4/)
    expect(() => record.u64(0)).toThrow(/at least 8 bytes, got 4/)
    expect(() => record.u8(-1)).toThrow(BpfError)
    expect(() => record.u8(NaN)).toThrow(BpfError)
    expect(record.bytes()).toEqual(new Uint8Array([7, 0, 0, 0]))
  }, 1000)
  expect(() => kept?.u32(0)).toThrow(BpfError)
})

test('records are found over many turns of the ring', () => {
  using ring = new Ring()
  using consumer = new RingConsumer(ring.fd, 'events', SIZE)
  const seen: number[] = []
  for (let i = 0; i < 2000; i += 1) {
    ring.push(i)
    if (i % 100 === 99) seen.push(...values(consumer))
  }
  expect(seen).toEqual(Array.from({ length: 2000 }, (_, i) => i))
})
