import { expect, test } from 'vitest'
import { thrown } from '../../test/thrown.ts'
import { chars } from '../codec/chars.ts'
import { u32, u64 } from '../codec/scalars.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { ClosedError } from '../errors/closed-error.ts'
import { createMap } from './create.ts'

/** A hash map of its own, which no program writes. */
function hashMap(options: { maxEntries?: number; type?: 'hash' | 'lru_hash' } = {}) {
  const { maxEntries = 16, type = 'hash' } = options
  return createMap({ type, name: 'counts', maxEntries, codecs: { key: u32, value: u64 } })
}

test('a value that was set is found, and only under its key', () => {
  using map = hashMap()
  map.set(1, 5n).set(2, 6n)
  expect(map.get(1)).toBe(5n)
  expect(map.get(2)).toBe(6n)
  expect(map.get(3)).toBeUndefined()
  expect(map.has(1)).toBe(true)
  expect(map.has(3)).toBe(false)
})

test('iteration yields every entry once', () => {
  using map = hashMap({ maxEntries: 1000 })
  for (let i = 0; i < 1000; i += 1) map.set(i, BigInt(i) * 3n)
  const entries = new Map(map)
  expect(entries.size).toBe(1000)
  expect(entries.get(999)).toBe(2997n)
  expect([...map.keys()].toSorted((a, b) => a - b)).toEqual([...Array(1000).keys()])
  expect([...map.values()].reduce((a, b) => a + b)).toBe(1498500n)
  expect(map.size).toBe(1000)
})

test('delete says whether there was an entry, take also returns it', () => {
  using map = hashMap()
  map.set(1, 5n).set(2, 6n)
  expect(map.delete(1)).toBe(true)
  expect(map.delete(1)).toBe(false)
  expect(map.take(2)).toBe(6n)
  expect(map.take(2)).toBeUndefined()
  expect(map.size).toBe(0)
})

test('update modes add only, replace only, or both', () => {
  using map = hashMap()
  expect(thrown(BpfError, () => map.set(1, 1n, { mode: 'exist' })).code).toBe('ENOENT')
  map.set(1, 1n, { mode: 'noexist' })
  const again = thrown(BpfError, () => map.set(1, 2n, { mode: 'noexist' }))
  expect(again.code).toBe('EEXIST')
  expect(again.message).toContain("mode 'any' or 'exist' replaces")
  map.set(1, 3n, { mode: 'exist' })
  map.set(1, 4n, { mode: 'any' })
  expect(map.get(1)).toBe(4n)
})

test('a full map says how many entries it takes and what to do', () => {
  using map = hashMap({ maxEntries: 2 })
  map.set(1, 1n).set(2, 2n)
  const error = thrown(BpfError, () => map.set(3, 3n))
  expect(error.code).toBe('E2BIG')
  expect(error.message).toMatch(/'counts'.*\n.*max_entries is 2.*LRU/)
})

test('an LRU map drops old entries in place of failing', () => {
  using map = hashMap({ type: 'lru_hash', maxEntries: 128 })
  for (let i = 0; i < 1000; i += 1) map.set(i, 1n)
  expect(map.get(999)).toBe(1n)
  expect(map.get(0)).toBeUndefined()
  expect(map.size).toBeLessThanOrEqual(128)
})

test('keys are checked: out of range, fraction, NaN, bigint, too long', () => {
  using map = hashMap()
  for (const key of [2 ** 40 + 5, -1, 1.5, NaN]) {
    expect(thrown(BpfError, () => map.get(key)).message).toContain('counts key')
  }
  // @ts-expect-error a caller without types
  expect(() => map.set(5n, 1n)).toThrow(/counts key/)
  expect(() => map.set(5, 2n ** 64n)).toThrow(/counts value/)
  // @ts-expect-error a caller without types
  expect(() => map.set(5, 7)).toThrow(/counts value.*bigint/s)
  expect(map.size).toBe(0)
  using named = createMap({ type: 'hash', maxEntries: 4, codecs: { key: chars(4), value: u64 } })
  expect(() => named.set('abcde', 1n)).toThrow(/at most 4 bytes/)
  named.set('abcd', 1n)
  expect([...named.keys()]).toEqual(['abcd'])
})

test('a codec of another size than the map is refused when the map is opened', () => {
  const create = () =>
    createMap({ type: 'hash', keySize: 8, valueSize: 8, maxEntries: 1, codecs: { key: u32 } })
  expect(thrown(BpfError, create).message).toMatch(/expected a key codec of 8 bytes, got one of 4/)
})

test('raw access checks the sizes of both buffers and copies without decoding', () => {
  using map = hashMap()
  map.set(0x01020304, 0x1122334455667788n)
  const key = new Uint8Array(new Uint32Array([0x01020304]).buffer)
  const value = new Uint8Array(8)
  expect(map.getInto(key, value)).toBe(true)
  expect(new BigUint64Array(value.buffer)[0]).toBe(0x1122334455667788n)
  expect(map.getInto(new Uint8Array(4), value)).toBe(false)
  expect(new BigUint64Array(value.buffer)[0]).toBe(0x1122334455667788n)
  const short = () => map.getInto(key, new Uint8Array(4))
  expect(thrown(BpfError, short).message).toMatch(/a value of 8 bytes, got 4/)
  expect(() => map.getInto(new Uint8Array(8), value)).toThrow(/a key of 4 bytes, got 8/)
  expect(() => map.setBytes(key, new Uint8Array(9))).toThrow(/a value of 8 bytes, got 9/)
  map.setBytes(new Uint8Array(4), new Uint8Array(8).fill(1))
  expect(map.get(0)).toBe(0x0101010101010101n)
  using large = createMap({ type: 'hash', keySize: 100, valueSize: 200, maxEntries: 1 })
  const bytes = (size: number) => Uint8Array.from({ length: size }, (_, i) => i)
  large.setBytes(bytes(100), bytes(200))
  expect([...large]).toEqual([[bytes(100), bytes(200)]])
  const out = new Uint8Array(200)
  expect(large.getInto(bytes(100), out)).toBe(true)
  expect(out).toEqual(bytes(200))
})

test('batches write, read, delete and drain all entries', () => {
  using map = hashMap({ maxEntries: 20_000 })
  const entries = Array.from({ length: 10_001 }, (_, i) => [i, BigInt(i)] as const)
  expect(map.writeBatch(entries)).toBe(10_001)
  expect(map.readBatch().toSorted(([a], [b]) => a - b)).toEqual(entries)
  // Every other key is not there: that stops the kernel, not us.
  const keys = Array.from({ length: 10_001 }, (_, i) => (i % 2 === 0 ? i : 1_000_000 + i))
  expect(map.deleteBatch(keys)).toBe(5001)
  expect(map.deleteBatch(keys)).toBe(0)
  expect(map.size).toBe(5000)
  const drained = map.drain()
  expect(drained.length).toBe(5000)
  expect(drained.every(([key, value]) => key % 2 === 1 && value === BigInt(key))).toBe(true)
  expect(map.size).toBe(0)
})

test('a batch that the kernel refuses names the entry, and those before it are stored', () => {
  using map = hashMap({ maxEntries: 16 })
  map.set(3, 3n)
  const entries = [1, 2, 3, 4].map((key) => [key, 9n] as const)
  const error = thrown(BpfError, () => map.writeBatch(entries, { mode: 'noexist' }))
  expect(error.code).toBe('EEXIST')
  expect(error.message).toContain('entry 2 of the batch')
  expect(map.get(2)).toBe(9n)
  expect(map.get(4)).toBeUndefined()
  const tooMany = Array.from({ length: 100 }, (_, i) => [i, 1n] as const)
  expect(thrown(BpfError, () => map.writeBatch(tooMany)).code).toBe('E2BIG')
})

test('clear leaves nothing behind', () => {
  using map = hashMap({ maxEntries: 10_000 })
  map.writeBatch(Array.from({ length: 9999 }, (_, i) => [i, 1n] as const))
  map.clear()
  expect(map.size).toBe(0)
})

test('a closed map refuses everything, also an iteration that has begun', () => {
  const map = hashMap()
  map.set(1, 1n)
  const values = map.values()
  map.close()
  map.close()
  expect(map.closed).toBe(true)
  for (const use of [
    () => map.get(1),
    () => map.set(1, 1n),
    () => map.delete(1),
    () => map.take(1),
    () => [...map],
    () => map.writeBatch([[1, 1n]]),
    () => map.fd,
    () => map.info(),
    () => values.next(),
  ]) {
    expect(thrown(ClosedError, use).message).toContain("'counts'")
  }
})

test('a map that was opened twice stays open in the other handle', () => {
  const one = hashMap()
  const { fd } = one
  one.close()
  using other = hashMap()
  expect(other.fd).toBe(fd) // the number is used again, which a second close must not touch
  one.close()
  expect(other.set(1, 1n).get(1)).toBe(1n)
})

test('a frozen map can be read, not written', () => {
  using map = hashMap()
  map.set(1, 1n)
  expect(map.frozen).toBe(false)
  map.freeze()
  expect(map.frozen).toBe(true)
  expect(map.get(1)).toBe(1n)
  const error = thrown(BpfError, () => map.set(1, 2n))
  expect(error.code).toBe('EPERM')
  expect(error.message).toContain('frozen')
  expect(thrown(BpfError, () => map.freeze()).message).toContain('frozen already')
})

test('info tells what the map was created with', () => {
  using map = hashMap({ maxEntries: 23 })
  const info = map.info()
  expect(info).toMatchObject({
    typeName: 'hash',
    name: 'counts',
    keySize: 4,
    valueSize: 8,
    maxEntries: 23,
  })
  expect(info.id).toBe(map.id)
  expect(map.id).toBeGreaterThan(0)
})
