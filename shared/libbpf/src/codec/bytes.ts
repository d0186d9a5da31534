import type { Codec } from './codec.ts'
import { misfit } from './check.ts'

/**
 * `unsigned char[size]`: the bytes as they are, copied out of the record.
 *
 * Writing takes exactly `size` bytes.
 */
export function bytes(size: number): Codec<Uint8Array> {
  return {
    size,
    read: (view, at) => new Uint8Array(view.buffer, view.byteOffset + at, size).slice(),
    write: (view, at, value, name) => {
      if (!(value instanceof Uint8Array) || value.length !== size) {
        throw misfit(name, `a Uint8Array of ${size} bytes`, value)
      }
      new Uint8Array(view.buffer, view.byteOffset + at, size).set(value)
    },
  }
}
