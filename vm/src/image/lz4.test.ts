import { expect, test } from 'vitest'
import { unpackLegacyLz4 } from './lz4.ts'

// What `lz4 -l` makes of this text.
const text = `${'eBPF '.repeat(7)}kernel ${'x'.repeat(300)} the end`
const packed = Buffer.from('AiFMGB8AAABfZUJQRiAFAAuPa2VybmVsIHgBAP8ZgCB0aGUgZW5k', 'base64')

test('what the lz4 command packed comes out again, overlapping matches included', () => {
  expect(unpackLegacyLz4(packed, text.length).toString()).toBe(text)
})

test('every block starts afresh', () => {
  const twice = Buffer.concat([packed, packed.subarray(4)])
  expect(unpackLegacyLz4(twice, 2 * text.length).toString()).toBe(text + text)
  // No letters, a match of 4 at a distance of 4, and one letter.
  const reachingBack = Buffer.concat([packed, Buffer.from('050000000004001078', 'hex')])
  expect(() => unpackLegacyLz4(reachingBack, text.length + 5)).toThrow('beyond what is there')
})

test('wherever it is cut off or changed, nothing else comes out than was packed', () => {
  for (let length = 0; length < packed.length; length++) {
    expect(() => unpackLegacyLz4(packed.subarray(0, length), text.length)).toThrow(RangeError)
  }
  const farther = Buffer.from(packed)
  // The first match's distance, behind the size, a token and five letters.
  farther.writeUInt16LE(6, 8 + 1 + 5)
  expect(() => unpackLegacyLz4(farther, text.length)).toThrow('beyond what is there')
  expect(() => unpackLegacyLz4(packed, text.length - 1)).toThrow(RangeError)
  expect(() => unpackLegacyLz4(packed, text.length + 1)).toThrow('bytes unpacked instead of')
})
