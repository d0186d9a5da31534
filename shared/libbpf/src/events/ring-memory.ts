import { arch } from 'node:process'
import { BpfError } from '../errors/bpf-error.ts'
import { Mapping, pageSize } from '../ffi/mmap.ts'

/** Bits of a record's length word (linux/bpf.h). */
export const BUSY_BIT = 0x8000_0000 | 0
export const DISCARD_BIT = 0x4000_0000
export const LENGTH_MASK = 0x3fff_ffff
/** Bytes ahead of each record's data (BPF_RINGBUF_HDR_SZ). */
export const HEADER_SIZE = 8

/**
 * The memory of a BPF ring buffer (kernel/bpf/ringbuf.c): a page with the consumer's position, a page with
 * the producer's, and the data twice in a row, so that no record is broken at the end.
 *
 * Positions count bytes for ever; user space may write its own alone.
 */
export class RingMemory implements Disposable {
  /** Bytes of data, a power of two. */
  readonly size: number
  readonly mask: bigint
  /** Both copies of the data, as length words and as bytes. */
  readonly words: Int32Array
  readonly data: DataView
  readonly #consumerPage: Mapping
  readonly #producerPages: Mapping
  readonly #consumer: BigInt64Array
  readonly #producer: BigInt64Array

  /** @param side which end of the ring is ours: consumer of a ring buffer, producer of a user ring buffer */
  constructor(fd: number, name: string, size: number, side: 'consumer' | 'producer') {
    const page = pageSize()
    const common = { fd, operation: 'mmap ring buffer', subject: name }
    this.size = size
    this.mask = BigInt(size - 1)
    using undo = new DisposableStack()
    this.#consumerPage = undo.use(
      new Mapping({ ...common, length: page, writable: side === 'consumer' }),
    )
    this.#producerPages = new Mapping({
      ...common,
      length: page + 2 * size,
      offset: page,
      writable: side === 'producer',
    })
    undo.move()
    this.#consumer = new BigInt64Array(this.#consumerPage.buffer, 0, 1)
    this.#producer = new BigInt64Array(this.#producerPages.buffer, 0, 1)
    this.words = new Int32Array(this.#producerPages.buffer, page)
    this.data = new DataView(this.#producerPages.buffer, page)
  }

  get closed(): boolean {
    return this.#consumerPage.closed
  }

  get consumerPosition(): bigint {
    return Atomics.load(this.#consumer, 0)
  }

  /** Sequentially consistent: what is read after it is not older than the store (a wake-up would be lost). */
  set consumerPosition(position: bigint) {
    Atomics.store(this.#consumer, 0, position)
  }

  get producerPosition(): bigint {
    return Atomics.load(this.#producer, 0)
  }

  set producerPosition(position: bigint) {
    Atomics.store(this.#producer, 0, position)
  }

  /** Detaches all views, then unmaps. */
  close(): void {
    this.#consumerPage.close()
    this.#producerPages.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/**
 * Whether a plain load of a length word will do.
 *
 * The data must not be read before the word that says it is complete. x86-64 keeps loads in order, and
 * a plain load is four times as fast as Atomics.load; other machines need the acquire.
 */
export const plainLoads: boolean = arch === 'x64'

/** The error of a ring whose contents cannot be: another consumer moved the position, or memory is damaged. */
export function corruptRing(name: string, got: string): BpfError {
  return new BpfError({
    operation: 'read ring buffer',
    subject: name,
    problem: `its contents make no sense: ${got}`,
    hint: 'Only one process may read a ring buffer at a time; another one seems to.',
  })
}
