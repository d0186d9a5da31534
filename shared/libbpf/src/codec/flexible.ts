import {
  type NumberArray,
  type NumberArrayType,
  copy,
  paste,
  readElements,
  writeElements,
} from './arrays.ts'
import { readText, writeText } from './chars.ts'
import { misfit } from './check.ts'
import type { Codec } from './codec.ts'

/**
 * Flexible array members, `T name[]`: they begin where the struct ends and take the rest of the
 * record, as far as it holds whole elements. Writing them needs room behind the struct.
 */

/** `T[]` of numbers. */
export function restTypedArray<A extends NumberArray>(type: NumberArrayType<A>): Codec<A> {
  const width = type.BYTES_PER_ELEMENT
  return {
    size: 0,
    read: (view, at, end = at) => new type(copy(view, at, count(at, end, width) * width)),
    write: (view, at, value, name) => {
      if (!(value instanceof type)) throw misfit(name, `a ${type.name}`, value)
      needRoom(view, at, value.byteLength, name)
      paste(view, at, value)
    },
  }
}

/** `unsigned char[]`. */
export const restBytes: Codec<Uint8Array> = restTypedArray(Uint8Array)

/** `char[]`: the text up to its NUL or the end of the record. */
export const restChars: Codec<string> = {
  size: 0,
  read: (view, at, end = at) => readText(view, at, Math.max(0, end - at)),
  write: (view, at, value, name) => {
    const room = Math.max(0, view.byteLength - at)
    writeText(view, at, room, value, name)
  },
}

/** `T[]` of anything else. */
export function restArray<T, W = T>(element: Codec<T, W>): Codec<T[], W[]> {
  return {
    size: 0,
    read: (view, at, end = at) => readElements(element, view, at, count(at, end, element.size)),
    write: (view, at, value, name = 'value') => {
      if (!Array.isArray(value)) throw misfit(name, 'an array', value)
      needRoom(view, at, value.length * element.size, name)
      writeElements(element, view, at, value, name)
    },
  }
}

const count = (at: number, end: number, width: number): number =>
  width === 0 ? 0 : Math.max(0, Math.floor((end - at) / width))

function needRoom(view: DataView, at: number, size: number, name?: string): void {
  const room = Math.max(0, view.byteLength - at)
  if (size <= room) return
  throw misfit(name, `at most ${room} bytes behind the struct`, `${size} bytes`)
}
