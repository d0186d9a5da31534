import { expect, test } from 'vitest'
import { compileBpf } from '../../../test/compile.ts'
import { thrown } from '../../../test/thrown.ts'
import { u32, u64 } from '../../codec/scalars.ts'
import { BpfError } from '../../errors/bpf-error.ts'
import { BpfObject } from '../../object/bpf-object.ts'
import { createMap } from '../create.ts'
import { ProgArray } from './prog-array.ts'

const LOOPBACK = 1

test('a program array, for which the kernel has no batches, is written, read and deleted in one call', () => {
  using spec = BpfObject.open(compileBpf('maps.bpf.c'))
  spec.map('per_task').autocreate = false // Linux 5.11, and no program needs it
  spec.map('seen').autocreate = false // Linux 5.16
  using object = spec.load()
  const jumps = object.map('jumps')
  if (!(jumps instanceof ProgArray)) throw new Error('jumps is no program array')
  const target = object.program('target')
  const { id } = target.info()
  const indexes = Array.from({ length: jumps.length }, (_, index) => index)
  expect(jumps.writeBatch(indexes.map((index) => [index, target]))).toBe(jumps.length)
  expect(jumps.readBatch()).toEqual(indexes.map((index) => [index, id]))
  expect(jumps.deleteBatch([1, 2, 1])).toBe(2)
  expect([...jumps.keys()]).toEqual(indexes.filter((index) => index !== 1 && index !== 2))
  jumps.clear()
  expect(jumps.size).toBe(0)
})

test.each(['devmap', 'devmap_hash'] as const)(
  'a %s, for which the kernel has no batches, takes many devices at once',
  (type) => {
    using map = createMap({ type, valueSize: 4, maxEntries: 8 })
    const entries = [2, 3, 5].map((key) => [key, { ifindex: LOOPBACK }] as const)
    expect(map.writeBatch(entries)).toBe(3)
    expect(map.readBatch().toSorted(([a], [b]) => a - b)).toEqual(entries)
    // The kernel deletes a slot of an array whether there is something in it or not.
    expect(map.deleteBatch([2, 4])).toBe(type === 'devmap' ? 2 : 1)
    map.clear()
    expect(map.size).toBe(0)
    // One call per entry tells exactly which one is refused.
    const wrong = [...entries.slice(0, 2), [4, { ifindex: 1_000_000 }] as const]
    const error = thrown(BpfError, () => map.writeBatch(wrong))
    expect(error.code).toBe('EINVAL')
    expect(error.message).toContain('entry 2 of the batch')
    expect(map.size).toBe(2)
  },
)

test('a CPU map, for which the kernel has no batches, takes many queues at once', () => {
  using map = createMap({ type: 'cpumap', valueSize: 8, maxEntries: 4 })
  expect(map.writeBatch([[0, { qsize: 192 }]])).toBe(1)
  expect(map.readBatch()).toEqual([[0, { qsize: 192 }]])
  expect(map.deleteBatch([0])).toBe(1)
  expect(map.size).toBe(0)
})

test('an array of maps is read in batches however many slots are free', () => {
  const codecs = { key: u32, value: u64 }
  using inner = createMap({ type: 'hash', maxEntries: 4, codecs })
  using outer = createMap({ type: 'array_of_maps', maxEntries: 64, inner })
  const entries = [3, 40, 41, 62].map((index) => [index, inner] as const)
  const stored = entries.map(([index]) => [index, inner.id])
  expect(outer.writeBatch(entries)).toBe(4)
  expect(outer.readBatch()).toEqual(stored)
  expect([...outer]).toEqual(stored)
  expect(outer.deleteBatch([40, 41])).toBe(2)
  expect([...outer.keys()]).toEqual([3, 62])
  outer.clear()
  expect(outer.size).toBe(0)
})

test('a hash of maps and a trie write, read and delete many entries at once', () => {
  using inner = createMap({ type: 'hash', keySize: 4, valueSize: 4, maxEntries: 4 })
  using outer = createMap({ type: 'hash_of_maps', maxEntries: 8, inner, codecs: { key: u32 } })
  expect(outer.writeBatch([1, 2, 3].map((key) => [key, inner]))).toBe(3)
  expect(outer.readBatch().toSorted(([a], [b]) => a - b)).toEqual(
    [1, 2, 3].map((key) => [key, inner.id]),
  )
  expect(outer.deleteBatch([1, 9, 3])).toBe(2)
  outer.clear()
  expect(outer.size).toBe(0)

  using trie = createMap({ type: 'lpm_trie', keySize: 8, maxEntries: 8, codecs: { value: u32 } })
  const key = (prefixlen: number, ...data: number[]) => ({
    prefixlen,
    data: Uint8Array.from(data),
  })
  const wide = key(8, 10, 0, 0, 0)
  const narrow = key(24, 10, 1, 2, 0)
  expect(
    trie.writeBatch([
      [wide, 1],
      [narrow, 2],
    ]),
  ).toBe(2)
  expect(trie.deleteBatch([narrow, key(9, 1, 1, 1, 1)])).toBe(1)
  expect(trie.drain()).toEqual([[wide, 1]])
  expect(trie.size).toBe(0)
})

test('entries ahead of one that does not fit its type are stored', () => {
  using map = createMap({ type: 'hash', maxEntries: 8, codecs: { key: u32, value: u64 } })
  const entries = [1, 2, -3, 4].map((key) => [key, 5n] as const)
  expect(thrown(BpfError, () => map.writeBatch(entries)).message).toContain('-3')
  expect([...map.keys()].toSorted((a, b) => a - b)).toEqual([1, 2])
})
