import { expect, test } from 'vitest'
import { u32, u64 } from '../codec/scalars.ts'
import { BatchBuffer, readBatches } from './access/batch.ts'
import { collectKeys, readOneByOne } from './access/walk.ts'
import { deleteEntries, writeEntries } from './access/write.ts'
import type { MissingBatches } from './access/write.ts'
import { createMap } from './create.ts'
import type { HashMap } from './kinds/hash-map.ts'

function filled(entries: number, maxEntries = entries): HashMap<number, bigint> {
  const codecs = { key: u32, value: u64 }
  const map = createMap({ type: 'hash', name: 'walked', maxEntries, codecs })
  for (let i = 0; i < entries; i += 1) map.set(i, BigInt(i))
  return map
}

test('deleting each entry while iterating visits all of them', () => {
  using map = filled(5000)
  let visited = 0
  for (const [key] of map) {
    expect(map.delete(key)).toBe(true)
    visited += 1
  }
  expect(visited).toBe(5000)
  expect(map.size).toBe(0)
})

test('adding entries while iterating does not prolong it', () => {
  using map = filled(5000, 200_000)
  let visited = 0
  for (const key of map.keys()) {
    map.set(1_000_000 + visited, 1n)
    map.delete(key)
    visited += 1
  }
  expect(visited).toBeLessThanOrEqual(20_000)
})

test('without batches, a walk whose previous key vanishes restarts and still yields each key once', () => {
  using map = filled(1000)
  const order = new Uint32Array(Uint8Array.from(collectKeys(map, () => map.fd)).buffer)
  let calls = 0
  // Every call asks for the descriptor: that is where another process deletes the key read last.
  const fd = (): number => {
    calls += 1
    if (calls === 501) map.delete(order[499]!)
    return map.fd
  }
  const keys = new Uint32Array(Uint8Array.from(collectKeys(map, fd)).buffer)
  expect(keys).toEqual(order)
  // The kernel began anew after 500 keys: 499 of them came twice.
  expect(calls).toBe(1001 + 499)
})

test('without batches, a program that changes the map all the time cannot keep the walk going', () => {
  using map = filled(4, 8)
  let next = 100
  const fd = (): number => {
    for (const key of map.readBatch().map(([k]) => k)) map.delete(key)
    map.set(next, 1n).set(next + 1, 1n)
    next += 2
    return map.fd
  }
  collectKeys(map, fd)
  expect(next).toBeLessThanOrEqual(100 + 2 * (2 * 8 + 3))
})

test('with and without batches, the same entries come out', () => {
  using map = filled(3000)
  const read = (batches: Iterable<{ length: number; keys: DataView; values: DataView }>) => {
    const entries: [number, bigint][] = []
    for (const { length, keys, values } of batches) {
      for (let i = 0; i < length; i += 1) {
        entries.push([keys.getUint32(i * 4, true), values.getBigUint64(i * 8, true)])
      }
    }
    return entries.toSorted(([a], [b]) => a - b)
  }
  const slow = read(readOneByOne(map, () => map.fd, false))
  expect(slow.length).toBe(3000)
  expect(read(readBatches(map, () => map.fd, false))).toEqual(slow)
  expect(read(readOneByOne(map, () => map.fd, true))).toEqual(slow)
  expect(map.size).toBe(0)
})

test('without batches, writing and deleting do the same one by one', () => {
  using map = filled(0, 100)
  const missing: MissingBatches = new Set(['write', 'delete'])
  const buffer = new BatchBuffer(map, 10)
  for (let i = 0; i < 10; i += 1) {
    buffer.keys.setUint32(i * 4, i, true)
    buffer.values.setBigUint64(i * 8, BigInt(i), true)
  }
  writeEntries(map, map.fd, buffer, 10, { flags: 0, before: 0, missing })
  expect(map.size).toBe(10)
  map.delete(3)
  expect(deleteEntries(map, map.fd, buffer, 10, missing)).toBe(9)
  expect(map.size).toBe(0)
})

test('what a batch did not reach is read from behind its last key', () => {
  using map = filled(1000)
  const order = new Uint32Array(Uint8Array.from(collectKeys(map, () => map.fd)).buffer)
  const after = new Uint8Array(order.slice(399, 400).buffer)
  const rest = [...readOneByOne(map, () => map.fd, false, after)]
  expect(rest.map(({ length }) => length)).toEqual([600])
  expect(rest[0]?.keys.getUint32(0, true)).toBe(order[400])
  expect(rest[0]?.keys.getUint32(599 * 4, true)).toBe(order[999])
})

test('a bucket with more entries than a batch has room for is read all the same', () => {
  // 4 entries per call: with 100,000 keys in 131,072 buckets some hold five and more.
  using map = filled(100_000)
  const { name, type, keySize, valueBytes, flags } = map
  const cramped = { name, type, keySize, valueBytes, flags, maxEntries: 4 }
  let entries = 0
  for (const { length } of readBatches(cramped, () => map.fd, false)) entries += length
  expect(entries).toBe(100_000)
})

test('memory of a batch outlives garbage collection between its calls', () => {
  using map = filled(20_000)
  for (let round = 0; round < 20; round += 1) {
    let sum = 0
    for (const [key] of map) {
      sum += key
      if (key % 4000 === 0) globalThis.gc?.()
    }
    expect(sum).toBe((19_999 * 20_000) / 2)
  }
})
