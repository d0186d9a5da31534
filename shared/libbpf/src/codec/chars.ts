import { Buffer } from 'node:buffer'
import type { Codec } from './codec.ts'
import { misfit } from './check.ts'
import { cachedReader } from './text-cache.ts'

/**
 * `char[size]`: text up to the first NUL, or to the end where there is none (`strnlen`).
 *
 * Bytes that are not UTF-8 decode to U+FFFD. Writing throws a BpfError when the UTF-8 form is longer
 * than `size` or contains a NUL; exactly `size` bytes leave no room for a NUL, as C allows.
 */
export function chars(size: number): Codec<string> {
  return {
    size,
    read: isCached(size)
      ? cachedReader(size, (view, at) => readText(view, at, size))
      : (view, at) => readText(view, at, size),
    write: (view, at, value, name) => writeText(view, at, size, value, name),
  }
}

/** Decodes at most `size` bytes at `at`, up to the first NUL. */
export function readText(view: DataView, at: number, size: number): string {
  let length = 0
  while (length < size && view.getUint8(at + length) !== 0) length++
  return Buffer.from(view.buffer, view.byteOffset + at, length).toString('utf8')
}

/** Encodes text and fills the rest of the field with NUL. */
export function writeText(
  view: DataView,
  at: number,
  size: number,
  value: string,
  name?: string,
): void {
  if (typeof value !== 'string') throw misfit(name, `a string of at most ${size} bytes`, value)
  let end = 0
  // ASCII goes byte by byte: a buffer for it would take longer than the text.
  for (; end < value.length && end < size; end++) {
    const code = value.charCodeAt(end)
    if (code === 0 || code > 0x7f) break
    view.setUint8(at + end, code)
  }
  if (end < value.length) end = writeUtf8(view, at, size, value, name)
  for (; end < size; end++) view.setUint8(at + end, 0)
}

/** @returns how many bytes the text took */
function writeUtf8(view: DataView, at: number, size: number, value: string, name?: string): number {
  if (value.includes('\0')) throw misfit(name, 'a string without NUL', value)
  const text = Buffer.from(value, 'utf8')
  if (text.length > size) {
    const got = `it takes ${text.length} bytes`
    throw misfit(name, `a string of at most ${size} bytes in UTF-8`, value, got)
  }
  new Uint8Array(view.buffer, view.byteOffset + at, size).set(text)
  return text.length
}

/** Longer fields are paths and the like, which seldom repeat and cost more to compare. */
const isCached = (size: number): boolean => size >= 8 && size <= 64 && size % 4 === 0
