import type { Codec } from '../codec/codec.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { ClosedError } from '../errors/closed-error.ts'
import { EPOLLOUT } from '../ffi/epoll.ts'
import { watchFds } from './poller.ts'
import type { Watch } from './poller.ts'
import { BUSY_BIT, DISCARD_BIT, HEADER_SIZE, LENGTH_MASK, RingMemory } from './ring-memory.ts'

/** What a writer needs of the map. */
export interface UserRingBufSource<E> {
  fd: number
  name: string
  /** Bytes. */
  size: number
  codec: () => Codec<unknown, E>
  onClose: () => void
}

/**
 * Sends samples to BPF programs, which take them with `bpf_user_ringbuf_drain()`.
 *
 * Programs see samples in the order they were reserved in: one that is not submitted holds up those behind it.
 */
export class UserRingBufWriter<E> implements Disposable {
  readonly #source: UserRingBufSource<E>
  readonly #memory: RingMemory
  readonly #watch: Watch

  constructor(source: UserRingBufSource<E>) {
    this.#source = source
    using undo = new DisposableStack()
    this.#memory = undo.use(new RingMemory(source.fd, source.name, source.size, 'producer'))
    this.#watch = watchFds([source.fd], source.name, EPOLLOUT)
    undo.move()
  }

  get closed(): boolean {
    return this.#memory.closed
  }

  /** Bytes that no program has taken yet. */
  get pending(): number {
    if (this.closed) return 0
    return Number(this.#memory.producerPosition - this.#memory.consumerPosition)
  }

  /**
   * Room for a sample of `size` bytes: fill `bytes`, then `submit()` or `discard()`.
   *
   * @returns undefined while the ring is full
   * @throws {BpfError} if the sample could never fit
   */
  reserve(size: number): UserSample | undefined {
    this.#assertOpen()
    const total = (size + HEADER_SIZE + 7) & ~7
    if (!Number.isInteger(size) || size < 0 || size > LENGTH_MASK || total > this.#source.size) {
      throw new BpfError({
        operation: 'reserve in user ring buffer',
        subject: this.#source.name,
        expected: `a size from 0 to ${this.#source.size - HEADER_SIZE} bytes`,
        got: String(size),
        hint: 'max_entries of the map is the size of the ring.',
      })
    }
    const memory = this.#memory
    const position = memory.producerPosition
    if (Number(position - memory.consumerPosition) + total > memory.size) return undefined
    const at = Number(position & memory.mask)
    const index = at >> 2
    memory.words[index + 1] = 0
    Atomics.store(memory.words, index, size | BUSY_BIT)
    // Programs look for records up to here; the header must be there first.
    memory.producerPosition = position + BigInt(total)
    return new UserSample(memory, index, size, this.#source.name)
  }

  /**
   * {@link UserRingBufWriter.reserve} that waits until a program made room.
   *
   * @throws {ClosedError} if the writer is closed meanwhile; the signal's reason if it is aborted
   */
  async reserveWhenFree(size: number, options: { signal?: AbortSignal } = {}): Promise<UserSample> {
    const { signal } = options
    const wake = (): void => this.#watch.wake()
    signal?.addEventListener('abort', wake)
    try {
      for (;;) {
        signal?.throwIfAborted()
        const sample = this.reserve(size)
        if (sample) return sample
        await this.#watch.wait()
      }
    } finally {
      signal?.removeEventListener('abort', wake)
    }
  }

  /**
   * Sends one value of the map's type.
   *
   * @returns false while the ring is full
   * @throws {BpfError} if the value does not fit its type
   */
  send(value: E): boolean {
    this.#assertOpen()
    const codec = this.#source.codec()
    const bytes = new Uint8Array(codec.size)
    codec.write(new DataView(bytes.buffer), 0, value, this.#source.name)
    const sample = this.reserve(codec.size)
    if (sample === undefined) return false
    sample.bytes.set(bytes)
    sample.submit()
    return true
  }

  /** Unmaps the ring; samples that are neither submitted nor discarded are lost to the programs. */
  close(): void {
    if (this.closed) return
    try {
      this.#watch[Symbol.dispose]()
    } finally {
      this.#memory.close()
      this.#source.onClose()
    }
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #assertOpen(): void {
    if (this.closed) throw new ClosedError('write user ring buffer', this.#source.name)
  }
}

/** A sample that is being written, in the memory the program will read. */
export class UserSample {
  /** The sample's bytes, with whatever was there before: fill all of them. */
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly #memory: RingMemory
  readonly #index: number
  readonly #name: string
  #sent = false

  constructor(memory: RingMemory, index: number, size: number, name: string) {
    const { buffer, byteOffset } = memory.data
    this.#memory = memory
    this.#index = index
    this.#name = name
    const at = byteOffset + index * 4 + HEADER_SIZE
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the mapping is an ArrayBuffer
    this.bytes = new Uint8Array(buffer as ArrayBuffer, at, size)
  }

  /** Lets programs see the sample. @throws {BpfError} the second time */
  submit(): void {
    this.#finish('submit', 0)
  }

  /** Makes programs skip the sample. @throws {BpfError} the second time */
  discard(): void {
    this.#finish('discard', DISCARD_BIT)
  }

  #finish(operation: string, bit: number): void {
    if (this.#memory.closed) throw new ClosedError(`${operation} sample of`, this.#name)
    if (this.#sent) {
      throw new BpfError({
        operation: `${operation} sample of`,
        subject: this.#name,
        problem: 'it was submitted or discarded already',
        hint: 'Reserve another one: this memory may belong to a later sample by now.',
      })
    }
    this.#sent = true
    Atomics.store(this.#memory.words, this.#index, this.bytes.length | bit)
  }
}
