import { expect, test } from 'vitest'
import { thrown } from '../../test/thrown.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { chars } from './chars.ts'
import { decode, encode } from './codec.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

test('text ends at the first NUL, whatever stands behind it', () => {
  expect(decode(chars(16), bytes('sh\0leftover\0\0\0\0\0'))).toBe('sh')
})

test('text without NUL takes the whole field', () => {
  expect(decode(chars(4), bytes('bash'))).toBe('bash')
  expect(encode(chars(4), 'bash')).toEqual(bytes('bash'))
})

test('bytes that are not UTF-8 decode to U+FFFD', () => {
  expect(decode(chars(4), Uint8Array.of(0x61, 0xff, 0x62, 0))).toBe('a\ufffdb')
})

test('text that is too long in UTF-8, or has a NUL in it, throws', () => {
  const error = thrown(BpfError, () => encode(chars(4), 'ééé', 'event.comm'))
  expect(error.message).toContain("'event.comm'")
  expect(error.message).toContain('it takes 6 bytes')
  expect(() => encode(chars(4), 'a\0b')).toThrow('without NUL')
})

test('a field that repeats decodes to its own text each time, also when cached texts collide', () => {
  const comm = chars(16)
  const names = Array.from({ length: 3000 }, (_, index) => `process-${index % 1000}`)
  const records = names.map((name) => encode(comm, name))
  expect(records.map((record) => decode(comm, record))).toEqual(names)
})

test('fields that differ only behind the NUL decode to the same text', () => {
  const comm = chars(8)
  expect(decode(comm, bytes('a\0xxxxxx'))).toBe('a')
  expect(decode(comm, bytes('a\0yyyyyy'))).toBe('a')
})
