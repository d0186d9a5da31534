import type { Codec } from './codec.ts'
import { misfit } from './check.ts'

const decoder = new TextDecoder()
const encoder = new TextEncoder()

/**
 * `char[size]`: text up to the first NUL, or to the end where there is none (`strnlen`).
 *
 * Bytes that are not UTF-8 decode to U+FFFD. Writing throws a BpfError when the UTF-8 form is longer
 * than `size` or contains a NUL; exactly `size` bytes leave no room for a NUL, as C allows.
 */
export function chars(size: number): Codec<string> {
  return {
    size,
    read: (view, at) => readText(view, at, at + size),
    write: (view, at, value, name) => writeText(view, at, size, value, name),
  }
}

function readText(view: DataView, from: number, to: number): string {
  const field = new Uint8Array(view.buffer, view.byteOffset + from, to - from)
  const nul = field.indexOf(0)
  return decoder.decode(nul < 0 ? field : field.subarray(0, nul))
}

function writeText(view: DataView, at: number, size: number, value: string, name?: string): void {
  if (typeof value !== 'string') throw misfit(name, `a string of at most ${size} bytes`, value)
  if (value.includes('\0')) throw misfit(name, 'a string without NUL', value)
  const text = encoder.encode(value)
  if (text.length > size) {
    throw misfit(name, `a string of at most ${size} bytes in UTF-8`, value, `it has ${text.length}`)
  }
  const field = new Uint8Array(view.buffer, view.byteOffset + at, size)
  field.fill(0)
  field.set(text)
}
