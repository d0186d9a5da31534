import { hostIsLittleEndian as le } from '../codec/byte-order.ts'
import type { Codec } from '../codec/codec.ts'
import { BpfError } from '../errors/bpf-error.ts'

const decoder = new TextDecoder()

/**
 * One record where it lies in the ring, without a copy.
 *
 * It is read-only, because the ring is: a write to that memory would kill the process. The same
 * object stands for every record in turn, so take what you need before the callback returns.
 */
export class RecordView {
  readonly #view: DataView
  readonly #name: string
  #at = 0
  #end = 0

  constructor(view: DataView, name: string) {
    this.#view = view
    this.#name = name
  }

  /** Bytes in the record. */
  get length(): number {
    return this.#end - this.#at
  }

  u8(offset: number): number {
    return this.#view.getUint8(this.#check(offset, 1))
  }

  i8(offset: number): number {
    return this.#view.getInt8(this.#check(offset, 1))
  }

  u16(offset: number): number {
    return this.#view.getUint16(this.#check(offset, 2), le)
  }

  i16(offset: number): number {
    return this.#view.getInt16(this.#check(offset, 2), le)
  }

  u32(offset: number): number {
    return this.#view.getUint32(this.#check(offset, 4), le)
  }

  i32(offset: number): number {
    return this.#view.getInt32(this.#check(offset, 4), le)
  }

  u64(offset: number): bigint {
    return this.#view.getBigUint64(this.#check(offset, 8), le)
  }

  i64(offset: number): bigint {
    return this.#view.getBigInt64(this.#check(offset, 8), le)
  }

  /** Text of a `char[size]`, up to its NUL. */
  text(offset: number, size: number): string {
    const at = this.#check(offset, size)
    const field = new Uint8Array(this.#view.buffer, this.#view.byteOffset + at, size)
    const nul = field.indexOf(0)
    return decoder.decode(nul < 0 ? field : field.subarray(0, nul))
  }

  /** A copy of the record's bytes, or of some of them. */
  bytes(offset = 0, size: number = this.length - offset): Uint8Array<ArrayBuffer> {
    const at = this.#check(offset, size)
    return new Uint8Array(this.#view.buffer, this.#view.byteOffset + at, size).slice()
  }

  /**
   * Decodes a type from its bytes; a flexible array member takes the rest of the record.
   *
   * @throws {BpfError} if the record is shorter than the type
   */
  decode<T>(codec: Codec<T>, offset = 0): T {
    return codec.read(this.#view, this.#check(offset, codec.size), this.#end)
  }

  /** Moves on to another record; the reader's part, not the callback's. */
  place(at: number, end: number): void {
    this.#at = at
    this.#end = end
  }

  #check(offset: number, size: number): number {
    const at = this.#at + offset
    if (offset >= 0 && at + size <= this.#end) return at
    throw new BpfError({
      operation: 'read record of',
      subject: this.#name,
      expected: `at least ${offset + size} bytes`,
      got: `${this.length}`,
      hint: 'Programs may send records of different size and type: look at `length` or a tag first.',
    })
  }
}
