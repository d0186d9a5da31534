import type { Codec } from '../codec/codec.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { Mapping, pageSize } from '../ffi/mmap.ts'

/** What a {@link MappedArray} is made of. */
export interface MappedArrayInit<V, VW = V> {
  fd: number
  name: string
  length: number
  codec: Codec<V, VW>
  writable: boolean
  onClose: () => void
}

/**
 * The values of an array map as memory shared with the BPF programs (BPF_F_MMAPABLE).
 *
 * Single aligned numbers are read and written whole; a program may be seen half way through a struct.
 */
export class MappedArray<V, VW = V> implements Disposable {
  /** Number of values. */
  readonly length: number
  readonly writable: boolean
  /** Bytes from one value to the next: the kernel aligns them to 8. */
  readonly stride: number
  readonly #mapping: Mapping
  readonly #view: DataView
  readonly #codec: Codec<V, VW>
  readonly #name: string
  readonly #onClose: () => void

  constructor(init: MappedArrayInit<V, VW>) {
    this.length = init.length
    this.writable = init.writable
    this.stride = Math.ceil(init.codec.size / 8) * 8
    this.#codec = init.codec
    this.#name = init.name
    this.#onClose = init.onClose
    const bytes = Math.ceil((this.stride * init.length) / pageSize()) * pageSize()
    this.#mapping = new Mapping({
      fd: init.fd,
      length: bytes,
      writable: init.writable,
      operation: 'mmap',
      subject: init.name,
    })
    this.#view = new DataView(this.#mapping.buffer, 0, this.stride * init.length)
  }

  /** Whether the view or its map is closed. */
  get closed(): boolean {
    return this.#mapping.closed
  }

  /** The value at an index now. @throws {BpfError} outside of the array; ClosedError after close */
  get(index: number): V {
    return this.#codec.read(this.#view, this.#offset(index, 'read map'))
  }

  /** Stores a value. @throws {BpfError} outside of the array, or if the view is read-only */
  set(index: number, value: VW): void {
    const at = this.#offset(index, 'write map')
    this.#checkWritable()
    this.#codec.write(this.#view, at, value, this.#name)
  }

  /**
   * The memory itself, for typed arrays and Atomics.
   *
   * @throws {BpfError} if the view is read-only: a write to such memory would kill the process
   */
  get buffer(): ArrayBuffer {
    this.#checkWritable()
    return this.#mapping.buffer
  }

  /** The values now, in order. */
  *[Symbol.iterator](): Generator<V, void> {
    for (let index = 0; index < this.length; index += 1) yield this.get(index)
  }

  /** Detaches the memory; typed arrays over it become empty. */
  close(): void {
    this.#mapping.close()
    this.#onClose()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #offset(index: number, operation: string): number {
    if (this.#mapping.closed) void this.#mapping.buffer // throws ClosedError
    if (Number.isInteger(index) && index >= 0 && index < this.length) return index * this.stride
    throw new BpfError({
      operation,
      subject: this.#name,
      expected: `an index from 0 to ${this.length - 1}`,
      got: String(index),
    })
  }

  #checkWritable(): void {
    if (this.writable) return
    throw new BpfError({
      operation: 'write map',
      subject: this.#name,
      problem: 'this view is read-only',
      hint: 'Open it with { writable: true }; a frozen or read-only map allows no such view.',
    })
  }
}
