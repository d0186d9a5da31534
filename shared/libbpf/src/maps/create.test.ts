import { expect, test } from 'vitest'
import { thrown } from '../../test/thrown.ts'
import { u32, u64 } from '../codec/scalars.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { createMap } from './create.ts'
import type { CreateMapOptions } from './create.ts'
import { openMap } from './open.ts'

test.each<[CreateMapOptions, RegExp]>([
  [{ type: 'hash', maxEntries: 1, valueSize: 4 }, /expected a key size, got none/],
  [{ type: 'hash', keySize: 4, valueSize: 4 }, /expected maxEntries/],
  [{ type: 'array', keySize: 8, valueSize: 4, maxEntries: 1 }, /a key of 4 bytes, got 8/],
  [{ type: 'ringbuf', maxEntries: 5000 }, /EINVAL.*\n.*power of two/],
  [{ type: 'hash', keySize: 4, valueSize: 4, maxEntries: 1, name: 'a-b' }, /letters, digits/],
  [{ type: 'hash', keySize: 4, valueSize: 4, maxEntries: 1, name: 'x'.repeat(16) }, /at most 15/],
  [{ type: 'hash', keySize: 4, valueSize: 4, maxEntries: -1 }, /maxEntries/],
  [{ type: 'hash', keySize: 4, valueSize: 4, maxEntries: 2 ** 40 + 5 }, /maxEntries/],
  [{ type: 'hash', keySize: 1.5, valueSize: 4, maxEntries: 1 }, /keySize/],
  [{ type: 'hash', keySize: 4, valueSize: 4, maxEntries: 1, flags: NaN }, /flags/],
  [{ type: 'array_of_maps', maxEntries: 1 }, /`inner`/],
  [{ type: 99, keySize: 4, valueSize: 4, maxEntries: 1 }, /EINVAL/],
  [{ type: -1, maxEntries: 1 }, /from 0 to/],
])('%j is refused', (options, message) => {
  expect(thrown(BpfError, () => createMap(options)).message).toMatch(message)
})

test('an unknown type name lists those there are', () => {
  // @ts-expect-error a caller without types
  const error = thrown(BpfError, () => createMap({ type: 'hashmap', maxEntries: 1 }))
  expect(error.message).toMatch(/'hashmap'.*one of.*hash, array/)
})

test('a type newer than this package is still a map of bytes', () => {
  using real = createMap({ type: 'hash', keySize: 4, valueSize: 4, maxEntries: 1 })
  const { fd, keySize, valueSize, maxEntries, flags } = real
  const owner = { closed: false }
  const map = openMap({ fd, name: 'new', type: 99, keySize, valueSize, maxEntries, flags, owner })
  expect(map.typeName).toBe('type 99')
  expect(map.getInto(new Uint8Array(4), new Uint8Array(4))).toBe(false)
  map.close()
  expect(real.info().id).toBeGreaterThan(0) // an owned descriptor is not closed with the map
})

test('sizes come from the codecs, and what a type needs is added', () => {
  using hash = createMap({ type: 'hash', maxEntries: 2, codecs: { key: u64, value: u32 } })
  expect([hash.keySize, hash.valueSize]).toEqual([8, 4])
  using trie = createMap({ type: 'lpm_trie', keySize: 8, valueSize: 4, maxEntries: 2 })
  expect(trie.flags & 1).toBe(1)
  using perf = createMap({ type: 'perf_event_array' })
  expect(perf.maxEntries).toBeGreaterThan(0)
  using filter = createMap({ type: 'bloom_filter', valueSize: 4, maxEntries: 10, extra: 3n })
  expect(filter.info().extra).toBe(3n)
})
