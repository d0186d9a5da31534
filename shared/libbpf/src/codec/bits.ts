import { hostIsLittleEndian } from './byte-order.ts'
import { bigInteger, integer, misfit } from './check.ts'
import type { Codec } from './codec.ts'

/**
 * A bitfield of up to 32 bits, `unsigned x : width`.
 *
 * @param start Bit at which it begins, counted from the codec's byte offset as BTF does: from the
 * low bit up on a little-endian machine, from the high bit down on a big-endian one.
 */
export function bits(start: number, width: number, signed: boolean): Codec<number> {
  const wide = wideBits(start, width, signed)
  const [min, max] = signed ? [-(2 ** (width - 1)), 2 ** (width - 1) - 1] : [0, 2 ** width - 1]
  const below = 2 ** (hostIsLittleEndian ? start : wide.size * 8 - start - width)
  return {
    size: wide.size,
    read: (view, at) => {
      // At most 5 bytes: exact as a number.
      let word = 0
      for (let index = 0; index < wide.size; index++) {
        word = word * 256 + view.getUint8(at + byteAt(index, wide.size))
      }
      const field = Math.floor(word / below) % 2 ** width
      return signed && field > max ? field - 2 ** width : field
    },
    write: (view, at, value, name) =>
      wide.write(view, at, BigInt(integer(value, min, max, name)), name),
  }
}

/** A one-bit `_Bool` field. */
export function boolBits(start: number, width: number): Codec<boolean> {
  const field = bits(start, width, false)
  return {
    size: field.size,
    read: (view, at) => field.read(view, at) !== 0,
    write: (view, at, value, name) => {
      if (typeof value !== 'boolean') throw misfit(name, 'true or false', value)
      field.write(view, at, value ? 1 : 0, name)
    },
  }
}

/** A bitfield of up to 64 bits; see {@link bits}. */
export function wideBits(start: number, width: number, signed: boolean): Codec<bigint> {
  const size = Math.ceil((start + width) / 8)
  const shift = BigInt(hostIsLittleEndian ? start : size * 8 - start - width)
  const mask = (1n << BigInt(width)) - 1n
  const [min, max] = signed ? [-(mask >> 1n) - 1n, mask >> 1n] : [0n, mask]
  return {
    size,
    read: (view, at) => {
      const field = (load(view, at, size) >> shift) & mask
      return signed ? BigInt.asIntN(width, field) : field
    },
    write: (view, at, value, name) => {
      bigInteger(value, min, max, name)
      const others = load(view, at, size) & ~(mask << shift)
      store(view, at, size, others | ((value & mask) << shift))
    },
  }
}

const byteAt = (index: number, size: number): number =>
  hostIsLittleEndian ? size - 1 - index : index

function load(view: DataView, at: number, size: number): bigint {
  let word = 0n
  for (let index = 0; index < size; index++) {
    word = (word << 8n) | BigInt(view.getUint8(at + byteAt(index, size)))
  }
  return word
}

function store(view: DataView, at: number, size: number, word: bigint): void {
  for (let index = size - 1; index >= 0; index--) {
    view.setUint8(at + byteAt(index, size), Number(word & 0xffn))
    word >>= 8n
  }
}
