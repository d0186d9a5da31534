import koffi from 'koffi'
import { hostIsLittleEndian } from '../codec/byte-order.ts'

/** What a field may hold: a number, a pointer's address, memory to point at, a C string, nothing (0). */
export type FieldValue = number | bigint | boolean | Uint8Array | string | undefined

/** Where a field lies and how wide it is: `u32(16)`. */
export interface Field {
  readonly at: number
  readonly bytes: 1 | 4 | 8
}

export const u8 = (at: number): Field => ({ at, bytes: 1 })
export const u32 = (at: number): Field => ({ at, bytes: 4 })
export const u64 = (at: number): Field => ({ at, bytes: 8 })
/** A pointer or `size_t`; all supported machines are 64 bits wide. */
export const word = u64

/** Memory that must live as long as the struct that points at it. */
const kept = new WeakMap<Uint8Array, Uint8Array[]>()

/**
 * Lays out a C struct for a call: explicit offsets, the rest zero.
 * libbpf's opts structs begin with their size; libbpf of every age accepts a longer one if the part it does
 * not know is zero (bpf/libbpf_common.h, LIBBPF_OPTS).
 * @param size bytes, as in the newest libbpf
 * @param values pairs of field and value
 */
export function cStruct(
  size: number,
  values: readonly (readonly [Field, FieldValue])[],
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  const pointees: Uint8Array[] = []
  for (const [{ at, bytes: width }, value] of values) {
    if (value === undefined) continue
    const n = numeric(value, pointees)
    if (width === 1) view.setUint8(at, Number(n))
    else if (width === 4) view.setInt32(at, Number(n), hostIsLittleEndian)
    else view.setBigUint64(at, BigInt.asUintN(64, BigInt(n)), hostIsLittleEndian)
  }
  kept.set(bytes, pointees)
  return bytes
}

/** An opts struct of libbpf: {@link cStruct} that starts with its own size. */
export function opts(
  size: number,
  values: readonly (readonly [Field, FieldValue])[],
): Uint8Array<ArrayBuffer> {
  return cStruct(size, [[word(0), size], ...values])
}

function numeric(value: NonNullable<FieldValue>, pointees: Uint8Array[]): number | bigint {
  if (typeof value === 'number' || typeof value === 'bigint') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  const memory = typeof value === 'string' ? cString(value) : value
  if (memory.byteLength === 0) return 0
  pointees.push(memory)
  return koffi.address(memory)
}

/** A NUL-terminated copy of a string. */
export function cString(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\0`)
}

/** An array of 64-bit values in memory. */
export function u64Array(values: readonly bigint[]): Uint8Array {
  return new Uint8Array(BigUint64Array.from(values).buffer)
}

/** An array of C strings in memory (`const char **`). */
export function cStringArray(strings: readonly string[]): Uint8Array {
  return cStruct(
    strings.length * 8,
    strings.map((text, i) => [word(i * 8), text] as const),
  )
}

/** The NUL-terminated string that a fixed-size field of bytes holds. */
export function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end))
}
