import { BpfError } from '../errors/bpf-error.ts'

/** Reads integers at offsets of a file of either byte order; reading past the end is a BpfError. */
export class Reader {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly littleEndian: boolean
  readonly #operation: string
  readonly #what: string

  constructor(bytes: Uint8Array, littleEndian: boolean, operation: string, what: string) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.littleEndian = littleEndian
    this.#operation = operation
    this.#what = what
  }

  /** @throws BpfError unless `size` bytes lie at `at`. */
  need(at: number, size: number, part: string): void {
    if (at >= 0 && size >= 0 && at + size <= this.bytes.length) return
    throw new BpfError({
      operation: this.#operation,
      subject: part,
      expected: `bytes ${at} to ${at + size} within the ${this.#what}`,
      got: `${this.bytes.length} bytes`,
      hint: `the ${this.#what} is truncated or damaged: build it again`,
    })
  }

  u16(at: number): number {
    return this.view.getUint16(at, this.littleEndian)
  }

  u32(at: number): number {
    return this.view.getUint32(at, this.littleEndian)
  }

  /** A 64-bit offset or size as a number; what is beyond 2^53 is beyond every file too. */
  u64(at: number): number {
    return Number(this.view.getBigUint64(at, this.littleEndian))
  }

  i64(at: number): bigint {
    return this.view.getBigInt64(at, this.littleEndian)
  }
}

const decoder = new TextDecoder()

/** The NUL-terminated string at `at` of a string table, or undefined where it has no end in there. */
export function cString(table: Uint8Array, at: number): string | undefined {
  if (at >= table.length) return undefined
  const end = table.indexOf(0, at)
  return end < 0 ? undefined : decoder.decode(table.subarray(at, end))
}
