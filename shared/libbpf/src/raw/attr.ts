import koffi from 'koffi'
import { BpfError } from '../errors/bpf-error.ts'
import type { ATTR_FIELDS } from './attr/fields.ts'
import type { BpfCommand } from './commands.ts'
import type { Field, FieldKind, Layout } from './attr/layout.ts'
import { sizeOf } from './attr/layout.ts'

/** Anything that holds an open file descriptor. */
export interface HasFd {
  readonly fd: number
}

/** What may stand where the kernel expects a pointer; a string is passed NUL-terminated. */
export type PointerValue = ArrayBufferView | bigint | string | readonly string[] | null

type KindOf<S> = S extends `${infer K extends FieldKind}@${number}` ? K : S
type ValueOf<K> = K extends 'ptr'
  ? PointerValue
  : K extends 'u64'
    ? number | bigint
    : K extends 'name'
      ? string
      : K extends 'tag'
        ? Uint8Array
        : number | HasFd
type FieldsOf<S> = {
  -readonly [F in keyof S]?:
    | (S[F] extends { fields: infer N } ? FieldsOf<N> : ValueOf<KindOf<S[F]>>)
    | undefined
}

/** The attributes of one command, all optional: what is left out is zero. */
export type BpfAttr<C extends BpfCommand> = FieldsOf<(typeof ATTR_FIELDS)[C]>

/** An encoded struct and what has to stay alive while the kernel reads it. */
export interface EncodedAttr {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly keepAlive: readonly unknown[]
}

/**
 * Encodes attributes as the C struct the kernel reads.
 *
 * @throws BpfError for a field the struct does not have, a value out of range or of the wrong type.
 */
export function encodeAttr(struct: Layout, attr: object, operation: string): EncodedAttr {
  const writer = new AttrWriter(struct.size, operation)
  for (const [name, value] of Object.entries<unknown>({ ...attr })) {
    const field = struct.fields.get(name)
    if (!field) throw unknownField(operation, name, struct.fields.keys())
    if (value === undefined) continue
    if (!('nested' in field)) {
      writer.write(name, field, value)
      continue
    }
    for (const [innerName, inner] of Object.entries<unknown>({ ...Object(value) })) {
      const innerField = field.nested.get(innerName)
      if (!innerField) throw unknownField(operation, `${name}.${innerName}`, field.nested.keys())
      if (inner !== undefined) writer.write(`${name}.${innerName}`, innerField, inner)
    }
  }
  return writer
}

/** Reads one plain field back: u64 as bigint, names up to their NUL. */
export function decodeField(
  view: DataView,
  { kind, at }: Field,
): number | bigint | string | Uint8Array {
  switch (kind) {
    case 'u32':
      return view.getUint32(at, true)
    case 's32':
      return view.getInt32(at, true)
    case 'u64':
    case 'ptr':
      return view.getBigUint64(at, true)
    default: {
      const bytes = new Uint8Array(view.buffer, view.byteOffset + at, sizeOf(kind))
      if (kind === 'tag') return bytes.slice()
      const end = bytes.indexOf(0)
      return Buffer.from(bytes.subarray(0, end < 0 ? bytes.length : end)).toString()
    }
  }
}

class AttrWriter implements EncodedAttr {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly keepAlive: unknown[] = []
  readonly #view: DataView
  readonly #operation: string

  constructor(size: number, operation: string) {
    this.bytes = new Uint8Array(new ArrayBuffer(size))
    this.#view = new DataView(this.bytes.buffer)
    this.#operation = operation
  }

  write(name: string, { kind, at }: Field, value: unknown): void {
    switch (kind) {
      case 'u32':
        return this.#view.setUint32(at, this.#integer(name, value, 0, 0xffffffff), true)
      case 's32':
        return this.#view.setInt32(at, this.#integer(name, value, -0x80000000, 0x7fffffff), true)
      case 'u64':
        return this.#view.setBigUint64(at, this.#u64(name, value), true)
      case 'ptr':
        return this.#view.setBigUint64(at, this.#pointer(name, value), true)
      case 'name':
        return this.#name(name, at, value)
      case 'tag':
        throw this.#wrong(name, 'a field that can be written', 'a program tag')
    }
  }

  #integer(name: string, value: unknown, min: number, max: number): number {
    const n = isFd(value) ? value.fd : value
    if (typeof n !== 'number' || !Number.isInteger(n) || n < min || n > max) {
      throw this.#wrong(name, `an integer from ${min} to ${max}`, show(n))
    }
    return n
  }

  #u64(name: string, value: unknown): bigint {
    if (typeof value !== 'bigint' && !(typeof value === 'number' && Number.isSafeInteger(value))) {
      throw this.#wrong(name, 'a bigint or a safe integer', show(value))
    }
    const n = BigInt(value)
    if (n < 0n || n > 0xffff_ffff_ffff_ffffn) {
      throw this.#wrong(name, 'an integer from 0 to 2^64-1', show(value))
    }
    return n
  }

  #pointer(name: string, value: unknown): bigint {
    if (value === null) return 0n
    if (typeof value === 'bigint') return this.#u64(name, value)
    if (typeof value === 'string') {
      if (value.includes('\0')) throw this.#wrong(name, 'a string without NUL', show(value))
      return this.#addressOf(new TextEncoder().encode(`${value}\0`))
    }
    if (ArrayBuffer.isView(value)) return this.#addressOf(value)
    if (Array.isArray(value)) {
      const pointers = (value as unknown[]).map((item, i) => this.#pointer(`${name}[${i}]`, item))
      return this.#addressOf(new BigUint64Array(pointers))
    }
    throw this.#wrong(name, 'a typed array, a string, an address or null', show(value))
  }

  #addressOf(view: ArrayBufferView): bigint {
    // Touching .buffer moves a small typed array out of V8's movable heap, so its address holds.
    this.keepAlive.push(view, view.buffer)
    return view.byteLength === 0 ? 0n : koffi.address(view)
  }

  #name(name: string, at: number, value: unknown): void {
    if (typeof value !== 'string' || !/^[\w.]*$/.test(value)) {
      throw this.#wrong(name, 'letters, digits, _ and .', show(value))
    }
    const max = sizeOf('name') - 1
    if (value.length > max) {
      throw this.#wrong(name, `at most ${max} characters (BPF_OBJ_NAME_LEN)`, show(value))
    }
    this.bytes.set(new TextEncoder().encode(value), at)
  }

  #wrong(name: string, expected: string, got: string): BpfError {
    return new BpfError({ operation: this.#operation, subject: name, expected, got })
  }
}

function isFd(value: unknown): value is HasFd {
  return typeof value === 'object' && value !== null && 'fd' in value
}

function unknownField(operation: string, name: string, known: Iterable<string>): BpfError {
  return new BpfError({
    operation,
    subject: name,
    expected: 'a field of this command',
    got: `'${name}'`,
    hint: `It has: ${[...known].join(', ')}.`,
  })
}

function show(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'string') return `'${value}'`
  if (typeof value === 'number') return String(value)
  return value === null ? 'null' : typeof value
}
