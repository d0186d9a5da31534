import { BpfError } from '../errors/bpf-error.ts'

/** What a value looks like in a message: short, and with its type where that is what is wrong. */
export function show(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'string') return JSON.stringify(clip(value))
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (ArrayBuffer.isView(value)) return `${value.constructor.name} of ${value.byteLength} bytes`
  return typeof value === 'function' ? 'a function' : 'an object'
}

const clip = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text)

/** The error of a value that does not fit its C type. */
export function misfit(
  name: string | undefined,
  expected: string,
  value: unknown,
  hint?: string,
): BpfError {
  return new BpfError({
    operation: 'encode',
    subject: name ?? 'value',
    expected,
    got: show(value),
    ...(hint === undefined ? {} : { hint }),
  })
}

/**
 * An integer within `min` … `max`.
 *
 * @throws BpfError otherwise.
 */
export function integer(value: number, min: number, max: number, name?: string): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw misfit(
    name,
    `an integer from ${min} to ${max}`,
    value,
    typeof value === 'bigint' ? 'types up to 32 bits are numbers: drop the n' : undefined,
  )
}

/**
 * A bigint within `min` … `max`.
 *
 * @throws BpfError otherwise.
 */
export function bigInteger(value: bigint, min: bigint, max: bigint, name?: string): bigint {
  if (typeof value === 'bigint' && value >= min && value <= max) return value
  throw misfit(
    name,
    `a bigint from ${min}n to ${max}n`,
    value,
    typeof value === 'number' ? '64-bit types are bigint: write 5n or BigInt(count)' : undefined,
  )
}

/**
 * The number a 64-bit integer stands for.
 *
 * @throws BpfError past ±2^53, where a number would no longer be exact.
 */
export function safeNumber(value: bigint, name?: string): number {
  const number = Number(value)
  if (Number.isSafeInteger(number)) return number
  throw new BpfError({
    operation: 'decode',
    subject: name ?? 'value',
    expected: 'an integer within ±(2^53 - 1), because this field was asked for as a number',
    got: `${value}`,
    hint: 'read it as a bigint',
  })
}
