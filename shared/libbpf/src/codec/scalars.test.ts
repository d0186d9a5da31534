import { expect, test } from 'vitest'
import { thrown } from '../../test/thrown.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { type Codec, decode, encode } from './codec.ts'
import * as scalars from './scalars.ts'

const { bool, i128, i32, i64AsNumber, u128, u32, u64, u64AsNumber, u8 } = scalars

test('the extremes of every integer survive encoding and decoding', () => {
  const extremes = [
    [scalars.u8, 0, 0xff],
    [scalars.i8, -0x80, 0x7f],
    [scalars.u16, 0, 0xffff],
    [scalars.i16, -0x8000, 0x7fff],
    [scalars.u32, 0, 0xffff_ffff],
    [scalars.i32, -0x8000_0000, 0x7fff_ffff],
    [scalars.u64, 0n, 2n ** 64n - 1n],
    [scalars.i64, -(2n ** 63n), 2n ** 63n - 1n],
    [scalars.u128, 0n, 2n ** 128n - 1n],
    [scalars.i128, -(2n ** 127n), 2n ** 127n - 1n],
    [scalars.u64AsNumber, 0, Number.MAX_SAFE_INTEGER],
    [scalars.i64AsNumber, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ] as const
  for (const [codec, ...values] of extremes) {
    const any: Codec<any> = codec
    for (const value of values) expect(decode(any, encode(any, value))).toBe(value)
  }
})

test.each([
  ['a number above 32 bits', () => encode(u32, 2 ** 32), 'from 0 to 4294967295, got 4294967296'],
  ['a negative unsigned number', () => encode(u8, -1), 'from 0 to 255, got -1'],
  ['NaN', () => encode(i32, Number.NaN), 'an integer from -2147483648'],
  ['a fraction', () => encode(u8, 0.5), 'got 0.5'],
  ['a bigint above 64 bits', () => encode(u64, 2n ** 64n), 'got 18446744073709551616n'],
  ['a bigint above 128 bits', () => encode(u128, 2n ** 128n), 'expected a bigint'],
  ['a bigint below 128 bits', () => encode(i128, -(2n ** 127n) - 1n), 'expected a bigint'],
  ['a number past 2^53', () => encode(u64AsNumber, 2 ** 53), 'got 9007199254740992'],
])('%s does not fit and says so', (_, call, message) => {
  const error = thrown(BpfError, call)
  expect(error.message).toContain(message)
})

test('a number where a bigint belongs, and the other way round, gets a hint', () => {
  const five: unknown = 5
  const fiveBig: unknown = 5n
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a JavaScript caller can pass
  expect(thrown(BpfError, () => encode(u64, five as bigint)).message).toContain('write 5n')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a JavaScript caller can pass
  expect(thrown(BpfError, () => encode(u32, fiveBig as number)).message).toContain('drop the n')
})

test('a 64-bit field asked for as number throws past 2^53 instead of rounding', () => {
  expect(decode(u64AsNumber, encode(u64, 2n ** 53n - 1n))).toBe(2 ** 53 - 1)
  expect(thrown(BpfError, () => decode(u64AsNumber, encode(u64, 2n ** 53n))).message).toContain(
    '9007199254740992',
  )
  expect(decode(i64AsNumber, encode(scalars.i64, -(2n ** 53n) + 1n))).toBe(-(2 ** 53) + 1)
  expect(() => decode(i64AsNumber, encode(scalars.i64, -(2n ** 53n)))).toThrow(BpfError)
})

test('every byte but 0 is true, as in C', () => {
  expect(decode(bool, Uint8Array.of(2))).toBe(true)
  expect(decode(bool, Uint8Array.of(0))).toBe(false)
  expect(encode(bool, true)).toEqual(Uint8Array.of(1))
})
