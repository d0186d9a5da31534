import { BpfError } from '../errors/bpf-error.ts'

/**
 * Checks a number before koffi silently truncates it (2^40 + 5 would arrive as 5, NaN as 0).
 * @throws {BpfError} unless it is an integer from `min` to `max`
 */
export function checkRange(
  value: number,
  [min, max]: readonly [number, number],
  operation: string,
  subject?: string,
): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw new BpfError({
    operation,
    subject,
    expected: `an integer from ${min} to ${max}`,
    got: typeof value === 'number' ? String(value) : `${typeof value} ${String(value)}`,
  })
}

/** {@link checkRange} for `__u32`. */
export function checkU32(value: number, operation: string, subject?: string): number {
  return checkRange(value, [0, 0xffff_ffff], operation, subject)
}

/** {@link checkRange} for `int`. */
export function checkI32(value: number, operation: string, subject?: string): number {
  return checkRange(value, [-0x8000_0000, 0x7fff_ffff], operation, subject)
}

/**
 * Checks a 64-bit value before koffi truncates it.
 * @throws {BpfError} unless it is a bigint that fits `__u64`
 */
export function checkU64(value: bigint, operation: string, subject?: string): bigint {
  if (typeof value === 'bigint' && value === BigInt.asUintN(64, value)) return value
  throw new BpfError({
    operation,
    subject,
    expected: 'a bigint from 0 to 2^64 - 1',
    got: `${typeof value} ${String(value)}`,
  })
}
