import { expect, test } from 'vitest'
import { thrown } from '../../test/thrown.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { array, bytes } from './arrays.ts'
import { bits, wideBits } from './bits.ts'
import { decode, encode } from './codec.ts'
import { member, overlay, struct, union, unnamed } from './composite.ts'
import { restArray, restBytes, restChars } from './flexible.ts'
import { u16, u32, u64, u8 } from './scalars.ts'

const padded = struct(8, [member('tag', 0, u8), member('value', 4, u32)])
const address = union(16, [member('v4', 0, u32), member('v6', 0, bytes(16))])

test('padding becomes zero even in memory that was not', () => {
  const view = new DataView(new ArrayBuffer(8))
  new Uint8Array(view.buffer).fill(0xaa)
  padded.write(view, 0, { tag: 1, value: 2 })
  expect(new Uint8Array(view.buffer)).toEqual(Uint8Array.of(1, 0, 0, 0, 2, 0, 0, 0))
})

test('an error names the member within the struct within the array', () => {
  const rows = array(padded, 2)
  const error = thrown(BpfError, () =>
    encode(
      rows,
      [
        { tag: 1, value: 2 },
        { tag: 300, value: 2 },
      ],
      'rows',
    ),
  )
  expect(error.message).toContain("'rows[1].tag'")
})

test('a member that is missing is an error, not a zero', () => {
  expect(() => encode(padded, { tag: 1 }, 'key')).toThrow(/'key\.value'.*got undefined/)
})

test('every member of a union is readable, and its bytes', () => {
  const value = decode(address, Uint8Array.of(127, 0, 0, 1, ...new Uint8Array(12)))
  expect(value.v4).toBe(0x0100_007f)
  expect(value.bytes).toEqual(value.v6)
})

test('one member of a union is enough to write it, and what is left over is zero', () => {
  expect(encode(address, { v4: 1 })).toEqual(Uint8Array.of(1, ...new Uint8Array(15)))
})

test('a union that was read can be written again, also with one member changed', () => {
  const original = Uint8Array.from({ length: 16 }, (_, index) => index + 1)
  const value = decode(address, original)
  expect(encode(address, value)).toEqual(original)
  const changed = encode(address, { ...value, v4: 0 })
  expect(changed).toEqual(Uint8Array.of(0, 0, 0, 0, ...original.subarray(4)))
})

test('members of a union that contradict each other are an error', () => {
  const contradiction = { v4: 1, v6: new Uint8Array(16).fill(9) }
  expect(() => encode(address, contradiction)).toThrow('give only one of them')
  expect(() => encode(address, {})).toThrow('one of v4, v6')
})

test('members of anonymous structs and unions count as the outer struct’s', () => {
  const flow = struct(12, [
    member('port', 0, u16),
    unnamed(
      4,
      overlay(8, [
        member('v4', 0, u32),
        unnamed(0, struct(8, [member('low', 0, u32), member('high', 4, u32)])),
      ]),
    ),
  ])
  const value = decode(flow, Uint8Array.of(80, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0))
  expect(value).toEqual({ port: 80, v4: 1, low: 1, high: 2 })
  expect(encode(flow, { port: 80, low: 1, high: 2 })).toEqual(encode(flow, value))
})

test('bitfields share their bytes without touching each other', () => {
  const flags = struct(4, [
    member('a', 0, bits(0, 3, false)),
    member('b', 0, bits(3, 7, true)),
    member('c', 1, bits(2, 20, false)),
  ])
  const value = { a: 5, b: -64, c: 0xf_0f0f }
  expect(decode(flags, encode(flags, value))).toEqual(value)
  expect(encode(flags, { a: 7, b: 0, c: 0 })).toEqual(Uint8Array.of(7, 0, 0, 0))
  expect(() => encode(flags, { ...value, a: 8 })).toThrow('from 0 to 7')
  expect(() => encode(flags, { ...value, b: 64 })).toThrow('from -64 to 63')
})

test('a bitfield of more than 32 bits is a bigint', () => {
  const field = wideBits(4, 60, true)
  expect(decode(field, encode(field, -(2n ** 59n)))).toBe(-(2n ** 59n))
})

test('a flexible array takes whole elements up to the end of the record', () => {
  const record = struct(4, [member('length', 0, u32), member('items', 4, restArray(u16))])
  const value = decode(record, Uint8Array.of(9, 0, 0, 0, 1, 0, 2, 0, 3))
  expect(value).toEqual({ length: 9, items: [1, 2] })
  const text = struct(1, [member('kind', 0, u8), member('name', 1, restChars)])
  expect(decode(text, new TextEncoder().encode('\u0001eth0\0\0'))).toEqual({
    kind: 1,
    name: 'eth0',
  })
})

test('a flexible array is empty where the end of the record is not known', () => {
  expect(restBytes.read(new DataView(new ArrayBuffer(8)), 4)).toEqual(new Uint8Array())
})

test('writing a flexible array needs room behind the struct', () => {
  const record = struct(8, [member('id', 0, u64), member('data', 8, restBytes)])
  const view = new DataView(new ArrayBuffer(10))
  record.write(view, 0, { id: 1n, data: Uint8Array.of(7, 8) })
  expect(new Uint8Array(view.buffer, 8)).toEqual(Uint8Array.of(7, 8))
  expect(() => record.write(view, 0, { id: 1n, data: new Uint8Array(3) })).toThrow(
    'at most 2 bytes',
  )
})

test('a member called __proto__ is a member', () => {
  const odd = struct(4, [member('__proto__', 0, u32)])
  const value = decode(odd, Uint8Array.of(5, 0, 0, 0))
  expect(Object.entries(value)).toEqual([['__proto__', 5]])
  expect(encode(odd, value)).toEqual(Uint8Array.of(5, 0, 0, 0))
})
