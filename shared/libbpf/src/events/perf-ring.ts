import { closeSync } from 'node:fs'
import { constants } from 'node:os'
import { hostIsLittleEndian as le } from '../codec/byte-order.ts'
import { ClosedError } from '../errors/closed-error.ts'
import { Mapping, pageSize } from '../ffi/mmap.ts'
import { memlockHint, memlockLimit } from '../raw/memlock.ts'
import { openBpfOutput } from './perf-event.ts'
import { RecordView } from './record-view.ts'
import { corruptRing } from './ring-memory.ts'

const { EPERM } = constants.errno
const PERF_RECORD_LOST = 2
const PERF_RECORD_SAMPLE = 9
/** struct perf_event_header: __u32 type, __u16 misc, __u16 size. */
const HEADER_SIZE = 8
/** Byte offset of data_head in struct perf_event_mmap_page; data_tail follows it (linux/perf_event.h). */
const DATA_HEAD = 1024

/** Gets what is read from a perf ring. */
export interface PerfSink {
  /** @param time nanoseconds, CLOCK_MONOTONIC-like (perf's clock) */
  sample(cpu: number, time: bigint, record: RecordView): void
  lost(cpu: number, count: number): void
}

/** The perf buffer of one CPU: a page of positions, then the data, in which records may wrap around. */
export class PerfRing implements Disposable {
  readonly cpu: number
  readonly fd: number
  readonly size: number
  readonly #name: string
  readonly #mapping: Mapping
  readonly #positions: BigInt64Array
  readonly #data: Uint8Array
  /** Records where they lie, and those that wrap around, put together: records are at most 64 KiB. */
  readonly #inPlace: Source
  readonly #copied: Source
  readonly #copy = new Uint8Array(0x1_0000)

  /** @param pages size of the data in pages, a power of two */
  constructor(cpu: number, name: string, pages: number, wakeupEvents: number) {
    this.cpu = cpu
    this.#name = name
    this.size = pages * pageSize()
    this.fd = openBpfOutput(cpu, wakeupEvents)
    try {
      this.#mapping = new Mapping({
        fd: this.fd,
        length: pageSize() + this.size,
        writable: true,
        operation: 'mmap perf buffer',
        subject: name,
        hint: (errno) => (errno === EPERM ? lockedHint() : undefined),
      })
    } catch (error) {
      closeSync(this.fd)
      throw error
    }
    this.#positions = new BigInt64Array(this.#mapping.buffer, DATA_HEAD, 2)
    this.#data = new Uint8Array(this.#mapping.buffer, pageSize(), this.size)
    const view = new DataView(this.#mapping.buffer, pageSize(), this.size)
    this.#inPlace = { view, record: new RecordView(view, name) }
    const copy = new DataView(this.#copy.buffer)
    this.#copied = { view: copy, record: new RecordView(copy, name) }
  }

  /** Bytes that wait. */
  get pending(): number {
    if (this.#mapping.closed) return 0
    return Number(Atomics.load(this.#positions, 0) - Atomics.load(this.#positions, 1))
  }

  /**
   * Hands over records in order, at most `limit` samples; a record counts as read even if the sink throws.
   *
   * @returns number of samples and loss reports
   */
  consume(sink: PerfSink, limit: number): number {
    if (this.#mapping.closed) throw new ClosedError('read perf buffer', this.#name)
    const tail = Atomics.load(this.#positions, 1)
    const available = Number(Atomics.load(this.#positions, 0) - tail)
    const start = Number(tail & BigInt(this.size - 1))
    let went = 0
    let count = 0
    try {
      while (went < available && count < limit && !this.#mapping.closed) {
        const at = (start + went) & (this.size - 1)
        const size = this.#sizeOf(at, available - went)
        // A sink that throws has seen the record all the same.
        went += size
        count +=
          at + size <= this.size
            ? this.#deliver(this.#inPlace, at, size, sink)
            : this.#deliver(this.#joined(at, size), 0, size, sink)
      }
    } finally {
      // The kernel may overwrite what is behind the tail as soon as it is stored.
      if (!this.#mapping.closed) Atomics.store(this.#positions, 1, tail + BigInt(went))
    }
    return count
  }

  close(): void {
    if (this.#mapping.closed) return
    this.#mapping.close()
    closeSync(this.fd)
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #sizeOf(at: number, available: number): number {
    // Headers do not wrap: records are multiples of 8 bytes, like the header.
    const size = this.#inPlace.view.getUint16(at + 6, le)
    if (size >= HEADER_SIZE && size <= available) return size
    throw corruptRing(this.#name, `a record of ${size} bytes where ${available} were written`)
  }

  /** A record whose end is at the beginning of the buffer. */
  #joined(at: number, size: number): Source {
    const first = this.size - at
    this.#copy.set(this.#data.subarray(at))
    this.#copy.set(this.#data.subarray(0, size - first), first)
    return this.#copied
  }

  #deliver({ view, record }: Source, at: number, size: number, sink: PerfSink): number {
    const type = view.getUint32(at, le)
    if (type === PERF_RECORD_LOST) {
      // struct { header; __u64 id; __u64 lost; }
      sink.lost(this.cpu, Number(view.getBigUint64(at + 16, le)))
      return 1
    }
    if (type !== PERF_RECORD_SAMPLE) return 0
    // struct { header; __u64 time; __u32 size; char data[size]; }
    const length = view.getUint32(at + 16, le)
    if (20 + length > size) {
      throw corruptRing(this.#name, `a sample of ${length} bytes in a record of ${size}`)
    }
    record.place(at + 20, at + 20 + length)
    sink.sample(this.cpu, view.getBigUint64(at + 8, le), record)
    return 1
  }
}

/** Beyond what perf_event_mlock_kb allows each user per CPU, the kernel asks for RLIMIT_MEMLOCK (perf_mmap). */
function lockedHint(): string | undefined {
  const limit = memlockLimit()
  if (limit === undefined) return undefined
  const raise = memlockHint('Beyond /proc/sys/kernel/perf_event_mlock_kb, perf buffers', limit)
  return `Open it with fewer \`pages\`. ${raise}`
}

/** Where a record is read. */
interface Source {
  readonly view: DataView
  readonly record: RecordView
}
