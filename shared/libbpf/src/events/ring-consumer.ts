import { BpfError } from '../errors/bpf-error.ts'
import { ClosedError } from '../errors/closed-error.ts'
import { RecordView } from './record-view.ts'
import {
  DISCARD_BIT,
  HEADER_SIZE,
  LENGTH_MASK,
  RingMemory,
  corruptRing,
  plainLoads,
} from './ring-memory.ts'

/** Part of the ring after which the consumer's position is stored, to make room while reading goes on. */
const STORE_EVERY = 8

/** Reads the records of a ring buffer in place; the rules are libbpf's (src/ringbuf.c, ringbuf_process_ring). */
export class RingConsumer implements Disposable {
  readonly #memory: RingMemory
  readonly #name: string
  readonly #record: RecordView
  /** Where the next record begins; stored for the kernel after each pass. */
  #position: bigint
  #consuming = false
  // Results of a pass, which may end with an exception.
  #at = 0
  #left = 0

  constructor(fd: number, name: string, size: number) {
    this.#name = name
    this.#memory = new RingMemory(fd, name, size, 'consumer')
    this.#record = new RecordView(this.#memory.data, name)
    this.#position = this.#memory.consumerPosition
  }

  /** Bytes of records, finished or not, that wait in the ring. */
  get pending(): number {
    if (this.#memory.closed) return 0
    return Number(this.#memory.producerPosition - this.#position)
  }

  /** Both ends of the ring, in bytes since it was created. */
  get positions(): { readonly consumer: bigint; readonly producer: bigint } {
    this.#assertOpen()
    return { consumer: this.#position, producer: this.#memory.producerPosition }
  }

  /**
   * Hands over finished records in order, until there is none or `limit` is reached.
   *
   * A record counts as read when `each` was called, also if that throws.
   *
   * @returns number of records
   * @throws {BpfError} if the ring's contents are damaged
   */
  consume(each: (record: RecordView) => void, limit: number): number {
    if (this.#consuming) throw nested(this.#name)
    this.#consuming = true
    this.#left = limit
    try {
      this.#passes(each)
    } finally {
      this.#consuming = false
    }
    return limit - this.#left
  }

  close(): void {
    this.#memory.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #passes(each: (record: RecordView) => void): void {
    this.#assertOpen()
    for (;;) {
      const available = Number(this.#memory.producerPosition - this.#position)
      if (available < 0 || available > this.#memory.size) {
        throw corruptRing(this.#name, `${available} bytes wait in a ring of ${this.#memory.size}`)
      }
      // The producer's position is read again after ours was stored: the kernel wakes a reader
      // only for a record at the very position it finds stored.
      const went = this.#pass(each, available)
      if (went === 0 || this.#left === 0 || this.#memory.closed) return
    }
  }

  /** One pass over at most an eighth of the ring; returns the bytes it went on. */
  #pass(each: (record: RecordView) => void, available: number): number {
    const start = Number(this.#position & this.#memory.mask)
    const soft = start + Math.min(available, this.#memory.size / STORE_EVERY)
    this.#at = start
    try {
      this.#walk(each, start, soft, start + available)
    } finally {
      const went = this.#at - start
      if (went > 0) {
        this.#position += BigInt(went)
        // `each` may have closed the ring.
        if (!this.#memory.closed) this.#memory.consumerPosition = this.#position
      }
    }
    return this.#at - start
  }

  /** Positions are plain numbers in here: bytes into the doubled data. */
  #walk(each: (record: RecordView) => void, from: number, soft: number, end: number): void {
    const { words } = this.#memory
    const record = this.#record
    let left = this.#left
    let at = from
    try {
      while (at < soft && left > 0) {
        const word = plainLoads ? words[at >> 2] : loadAcquire(words, at >> 2)
        if (word === undefined) break // `each` closed the ring
        if (word < 0) break // busy: whoever writes it wakes us, for our position is stored then
        const length = word & LENGTH_MASK
        const total = (length + HEADER_SIZE + 7) & ~7
        if (total > end - at) {
          throw corruptRing(
            this.#name,
            `a record of ${length} bytes where ${end - at} were written`,
          )
        }
        const data = at + HEADER_SIZE
        at += total
        if ((word & DISCARD_BIT) !== 0) continue
        left -= 1
        record.place(data, data + length)
        each(record)
      }
    } finally {
      this.#at = at
      this.#left = left
      record.place(0, 0) // a view kept by the callback shows nothing
    }
  }

  #assertOpen(): void {
    if (this.#memory.closed) throw new ClosedError('read ring buffer', this.#name)
  }
}

/** A length word, read before the data behind it; undefined once the memory is detached. */
function loadAcquire(words: Int32Array, index: number): number | undefined {
  return words.length === 0 ? undefined : Atomics.load(words, index)
}

function nested(name: string): BpfError {
  return new BpfError({
    operation: 'read ring buffer',
    subject: name,
    problem:
      'it is being read: this call comes from inside of a callback that got one of its records',
    hint: 'Return from the callback first.',
  })
}
