import koffi from 'koffi'

/** A field of a struct that the kernel reads. */
export interface Field {
  /** Offset in bytes. */
  at: number
  size: number
  name: string
}

/**
 * A struct for the kernel, field by field: `union bpf_attr` of one command, or `struct perf_event_attr`. What is not set is zero,
 * which the kernel demands. Numbers have the byte order of the processor: little-endian on x86-64 and arm64.
 */
export class Attr {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly fields: Field[] = []
  readonly #view: DataView
  /** What the pointers in here point to: as long as this lives, it does. */
  readonly #memory: Uint8Array[] = []

  constructor(size: number) {
    this.bytes = new Uint8Array(size)
    this.#view = new DataView(this.bytes.buffer)
  }

  u32(at: number, name: string, value: number): this {
    this.fields.push({ at, size: 4, name })
    this.#view.setUint32(at, value, true)
    return this
  }

  u64(at: number, name: string, value: bigint): this {
    this.fields.push({ at, size: 8, name })
    this.#view.setBigUint64(at, value, true)
    return this
  }

  /** An array of char in the struct itself, with a final NUL. */
  chars(at: number, name: string, size: number, text: string): this {
    this.fields.push({ at, size, name })
    this.bytes.set(Buffer.from(text).subarray(0, size - 1), at)
    return this
  }

  /** The address of other memory, always 8 bytes. The kernel reads it, or writes to it, during the call. */
  pointer(at: number, name: string, memory: Uint8Array<ArrayBuffer>): this {
    this.#memory.push(memory)
    return this.u64(at, name, koffi.address(memory.buffer) + BigInt(memory.byteOffset))
  }

  /** Reads a field, such as one that the kernel wrote to. */
  read(name: string): number {
    const field = this.fields.find((one) => one.name === name)
    if (field?.size !== 4) throw new TypeError(`no 4-byte field ${name}`)
    return this.#view.getUint32(field.at, true)
  }

  /** One line for each field: offset, bytes, name. */
  describe(): string[] {
    return this.fields.map(({ at, size, name }) => {
      const bytes = Buffer.from(this.bytes.subarray(at, at + size)).toString('hex')
      const pairs = bytes.replaceAll(/../g, '$& ').trim()
      return `  ${String(at).padStart(3)}  ${pairs.padEnd(47)}  ${name}`
    })
  }
}

/** Text as C has it: bytes with a final NUL, in memory of its own, which does not move. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Buffer.byteLength(text) + 1)
  new TextEncoder().encodeInto(text, bytes)
  return bytes
}

/** The text in memory that C wrote to, up to the NUL. */
export function textIn(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return Buffer.from(bytes.subarray(0, end < 0 ? bytes.length : end)).toString()
}
