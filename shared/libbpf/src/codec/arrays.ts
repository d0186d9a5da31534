import type { Codec } from './codec.ts'
import { misfit } from './check.ts'

/** The typed arrays that arrays of C numbers become. */
export type NumberArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array

/** Makes a typed array over a buffer, as `Uint32Array` does. */
export interface NumberArrayType<A extends NumberArray> {
  readonly BYTES_PER_ELEMENT: number
  readonly name: string
  /** Says `Uint32Array` over any buffer, where `new` says over an ArrayBuffer. */
  readonly prototype: A
  new (buffer: ArrayBuffer): A
}

/**
 * `T[length]` of numbers: a typed array with its own copy of the bytes.
 *
 * Writing takes exactly `length` elements in the same kind of typed array.
 */
export function typedArray<A extends NumberArray>(
  type: NumberArrayType<A>,
  length: number,
): Codec<A> {
  const size = length * type.BYTES_PER_ELEMENT
  return {
    size,
    read: (view, at) => new type(copy(view, at, size)),
    write: (view, at, value, name) => {
      if (!(value instanceof type) || value.length !== length) {
        throw misfit(name, `a ${type.name} of ${length} elements`, value)
      }
      paste(view, at, value)
    },
  }
}

/** `unsigned char[size]`: the bytes, copied out of the record. */
export const bytes = (size: number): Codec<Uint8Array> => typedArray(Uint8Array, size)

/** `T[length]` of anything else: an array of its values. */
export function array<T, W = T>(element: Codec<T, W>, length: number): Codec<T[], W[]> {
  return {
    size: element.size * length,
    read: (view, at) => readElements(element, view, at, length),
    write: (view, at, value, name = 'value') => {
      if (!Array.isArray(value) || value.length !== length) {
        throw misfit(name, `an array of ${length}`, value)
      }
      writeElements(element, view, at, value, name)
    },
  }
}

export function readElements<T>(
  element: Codec<T, never>,
  view: DataView,
  at: number,
  length: number,
): T[] {
  const values: T[] = []
  for (let index = 0; index < length; index++) {
    values.push(element.read(view, at + index * element.size))
  }
  return values
}

export function writeElements<W>(
  element: Codec<unknown, W>,
  view: DataView,
  at: number,
  values: readonly W[],
  name: string,
): void {
  for (const [index, value] of values.entries()) {
    element.write(view, at + index * element.size, value, `${name}[${index}]`)
  }
}

/** `size` bytes from `at` on, in a buffer of their own. */
export function copy(view: DataView, at: number, size: number): ArrayBuffer {
  const own = new Uint8Array(size)
  own.set(new Uint8Array(view.buffer, view.byteOffset + at, size))
  return own.buffer
}

export function paste(view: DataView, at: number, value: NumberArray): void {
  const source = new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  new Uint8Array(view.buffer, view.byteOffset + at, source.length).set(source)
}
