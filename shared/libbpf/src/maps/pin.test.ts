import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { compileBpf } from '../../test/compile.ts'
import { thrown } from '../../test/thrown.ts'
import { u32, u64 } from '../codec/scalars.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { BpfObject } from '../object/bpf-object.ts'
import { BpfMap } from './bpf-map.ts'
import { createMap } from './create.ts'
import { HashMap } from './kinds/hash-map.ts'
import { openMapById, openPinnedMap } from './open.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync('/sys/fs/bpf/maps-test-')
})
afterEach(() => rmSync(folder, { recursive: true }))

function counts(): HashMap<number, bigint> {
  const codecs = { key: u32, value: u64 }
  return createMap({ type: 'hash', name: 'counts', maxEntries: 23, codecs })
}

test('a pinned map outlives its handle and is found by its path', () => {
  const path = join(folder, 'counts')
  {
    using map = counts()
    map.set(1, 5n)
    map.pin(path)
  }
  const codecs = { key: u32, value: u64 }
  using opened = openPinnedMap(path, { type: 'hash', maxEntries: 23, codecs })
  expect(opened).toBeInstanceOf(HashMap)
  expect(opened).toBeInstanceOf(BpfMap)
  expect(opened.name).toBe('counts')
  expect([...opened]).toEqual([[1, 5n]])
  opened.unpin(path)
  expect(existsSync(path)).toBe(false)
})

test('a pinned map that is not the one expected says in what it differs', () => {
  using map = counts()
  const path = join(folder, 'counts')
  map.pin(path)
  for (const [expected, message] of [
    [{ type: 'array' }, /expected type array, got hash/],
    [{ keySize: 8 }, /expected key size 8, got 4/],
    [{ valueSize: 4 }, /expected value size 4, got 8/],
    [{ codecs: { value: u32 } }, /expected value size 4, got 8/],
    [{ maxEntries: 24 }, /expected max_entries 24, got 23/],
  ] as const) {
    expect(thrown(BpfError, () => openPinnedMap(path, expected)).message).toMatch(message)
  }
})

test('what is pinned but no map is refused', () => {
  using spec = BpfObject.open(compileBpf('maps.bpf.c'))
  using object = spec.load()
  const path = join(folder, 'touch')
  object.program('touch').pin(path)
  const error = thrown(BpfError, () => openPinnedMap(path))
  expect(error.message).toMatch(/expected a map, got a program/)
})

test('pinning where it cannot be says why', () => {
  using map = counts()
  const path = join(folder, 'counts')
  map.pin(path)
  expect(thrown(BpfError, () => map.pin(path)).message).toMatch(/EEXIST.*\n.*another path/)
  expect(thrown(BpfError, () => map.pin(join(folder, 'a.b'))).message).toContain('no dot')
  expect(thrown(BpfError, () => map.pin(join(folder, 'no/such'))).message).toContain('Create ')
  const elsewhere = thrown(BpfError, () => map.pin('/tmp/maps-test-counts'))
  expect(elsewhere.message).toContain('/sys/fs/bpf')
  expect(thrown(BpfError, () => map.unpin(join(folder, 'none'))).message).toContain('bpftool')
})

test('opening where nothing is pinned, or a plain file, says so', () => {
  const missing = thrown(BpfError, () => openPinnedMap(join(folder, 'none')))
  expect(missing.code).toBe('ENOENT')
  expect(missing.message).toContain('Nothing is pinned there')
  const file = join(mkdtempSync(join(tmpdir(), 'maps-')), 'plain')
  writeFileSync(file, '')
  expect(thrown(BpfError, () => openPinnedMap(file)).message).toContain('not a pin')
})

test('a map opened read-only cannot be written', () => {
  using map = counts()
  map.set(1, 1n)
  const path = join(folder, 'counts')
  map.pin(path)
  using reader = openPinnedMap(path, { readOnly: true, codecs: { key: u32, value: u64 } })
  if (!(reader instanceof HashMap)) throw new Error('no HashMap')
  expect(reader.get(1)).toBe(1n)
  const error = thrown(BpfError, () => reader.set(1, 2n))
  expect(error.code).toBe('EPERM')
  expect(error.message).toContain('read-only')
})

test('a map is found by its id and decoded by the BTF it was created with', () => {
  using spec = BpfObject.open(compileBpf('maps.bpf.c'))
  using object = spec.load()
  const pairs = object.map('pairs')
  using opened = openMapById(pairs.id)
  if (!(opened instanceof HashMap)) throw new Error('no HashMap')
  opened.set({ small: 1, large: 2n }, 'hello')
  expect([...opened]).toEqual([[{ small: 1, large: 2n }, 'hello']])
  using bss = openMapById(object.map('bss').id)
  expect(bss.typeName).toBe('array')
  const error = thrown(BpfError, () => openMapById(0xffff_fff0))
  expect(error.code).toBe('ENOENT')
  expect(error.message).toContain('bpftool map')
})
