import type { Codec } from './codec.ts'
import { hostIsLittleEndian as le } from './byte-order.ts'
import { bigInteger, integer, misfit, safeNumber } from './check.ts'

/** `__u8`, `unsigned char`. */
export const u8: Codec<number> = {
  size: 1,
  read: (view, at) => view.getUint8(at),
  write: (view, at, value, name) => view.setUint8(at, integer(value, 0, 0xff, name)),
}

/** `__s8`. */
export const i8: Codec<number> = {
  size: 1,
  read: (view, at) => view.getInt8(at),
  write: (view, at, value, name) => view.setInt8(at, integer(value, -0x80, 0x7f, name)),
}

/** `__u16`, `unsigned short`. */
export const u16: Codec<number> = {
  size: 2,
  read: (view, at) => view.getUint16(at, le),
  write: (view, at, value, name) => view.setUint16(at, integer(value, 0, 0xffff, name), le),
}

/** `__s16`, `short`. */
export const i16: Codec<number> = {
  size: 2,
  read: (view, at) => view.getInt16(at, le),
  write: (view, at, value, name) => view.setInt16(at, integer(value, -0x8000, 0x7fff, name), le),
}

/** `__u32`, `unsigned int`. */
export const u32: Codec<number> = {
  size: 4,
  read: (view, at) => view.getUint32(at, le),
  write: (view, at, value, name) => view.setUint32(at, integer(value, 0, 0xffff_ffff, name), le),
}

/** `__s32`, `int`. */
export const i32: Codec<number> = {
  size: 4,
  read: (view, at) => view.getInt32(at, le),
  write: (view, at, value, name) =>
    view.setInt32(at, integer(value, -0x8000_0000, 0x7fff_ffff, name), le),
}

/** `__u64`, `unsigned long`, pointers. */
export const u64: Codec<bigint> = {
  size: 8,
  read: (view, at) => view.getBigUint64(at, le),
  write: (view, at, value, name) => view.setBigUint64(at, bigInteger(value, 0n, U64_MAX, name), le),
}

/** `__s64`, `long`. */
export const i64: Codec<bigint> = {
  size: 8,
  read: (view, at) => view.getBigInt64(at, le),
  write: (view, at, value, name) =>
    view.setBigInt64(at, bigInteger(value, -I63, I63 - 1n, name), le),
}

/** `__u64` as a number: reading throws a BpfError past 2^53. */
export const u64AsNumber: Codec<number> = {
  size: 8,
  read: (view, at) => {
    const high = view.getUint32(le ? at + 4 : at, le)
    if (high > 0x1f_ffff) return safeNumber(view.getBigUint64(at, le))
    return high * 0x1_0000_0000 + view.getUint32(le ? at : at + 4, le)
  },
  write: (view, at, value, name) =>
    view.setBigUint64(at, BigInt(integer(value, 0, Number.MAX_SAFE_INTEGER, name)), le),
}

/** `__s64` as a number: reading throws a BpfError past ±2^53. */
export const i64AsNumber: Codec<number> = {
  size: 8,
  read: (view, at) => {
    const high = view.getInt32(le ? at + 4 : at, le)
    if (high > 0x1f_ffff || high <= -0x20_0000) return safeNumber(view.getBigInt64(at, le))
    return high * 0x1_0000_0000 + view.getUint32(le ? at : at + 4, le)
  },
  write: (view, at, value, name) => {
    const limit = Number.MAX_SAFE_INTEGER
    view.setBigInt64(at, BigInt(integer(value, -limit, limit, name)), le)
  },
}

/** `unsigned __int128`. */
export const u128: Codec<bigint> = wide(u64, 0n, (1n << 128n) - 1n)

/** `__int128`. */
export const i128: Codec<bigint> = wide(i64, -(1n << 127n), (1n << 127n) - 1n)

/** `_Bool`: every value but 0 is true, as in C. */
export const bool: Codec<boolean> = {
  size: 1,
  read: (view, at) => view.getUint8(at) !== 0,
  write: (view, at, value, name) => {
    if (typeof value !== 'boolean') throw misfit(name, 'true or false', value)
    view.setUint8(at, value ? 1 : 0)
  },
}

/** `float`. */
export const f32: Codec<number> = {
  size: 4,
  read: (view, at) => view.getFloat32(at, le),
  write: (view, at, value, name) => view.setFloat32(at, real(value, name), le),
}

/** `double`. */
export const f64: Codec<number> = {
  size: 8,
  read: (view, at) => view.getFloat64(at, le),
  write: (view, at, value, name) => view.setFloat64(at, real(value, name), le),
}

const U64_MAX = 0xffff_ffff_ffff_ffffn
const I63 = 1n << 63n

function real(value: number, name?: string): number {
  if (typeof value === 'number') return value
  throw misfit(name, 'a number', value)
}

/** A 128-bit integer: its high half, signed or not, above an unsigned low half. */
function wide(highHalf: Codec<bigint>, min: bigint, max: bigint): Codec<bigint> {
  const [low, high] = le ? [0, 8] : [8, 0]
  return {
    size: 16,
    read: (view, at) => (highHalf.read(view, at + high) << 64n) | u64.read(view, at + low),
    write: (view, at, value, name) => {
      bigInteger(value, min, max, name)
      view.setBigUint64(at + low, value & U64_MAX, le)
      view.setBigUint64(at + high, (value >> 64n) & U64_MAX, le)
    },
  }
}

/** All of them by name. */
export const SCALARS = {
  u8,
  i8,
  u16,
  i16,
  u32,
  i32,
  u64,
  i64,
  u64AsNumber,
  i64AsNumber,
  u128,
  i128,
  bool,
  f32,
  f64,
}
