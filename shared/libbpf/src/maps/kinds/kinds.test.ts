import { expect, test } from 'vitest'
import { compileBpf } from '../../../test/compile.ts'
import { mapOf } from '../../../test/map-of.ts'
import { thrown } from '../../../test/thrown.ts'
import { u32, u64 } from '../../codec/scalars.ts'
import { BpfError } from '../../errors/bpf-error.ts'
import { ClosedError } from '../../errors/closed-error.ts'
import { BpfObject } from '../../object/bpf-object.ts'
import { createMap } from '../create.ts'
import { possibleCpus } from '../possible-cpus.ts'
import { ArrayMap } from './array-map.ts'
import { BloomFilter } from './bloom-filter.ts'
import { HashMap } from './hash-map.ts'
import { LpmTrieMap } from './lpm-trie-map.ts'
import type { LpmKey } from './lpm-trie-map.ts'
import { MapOfMaps } from './map-of-maps.ts'
import { PerCpuArrayMap, PerCpuHashMap } from './per-cpu-maps.ts'
import { ProgArray } from './prog-array.ts'
import { QueueMap } from './queue-map.ts'
import { StackTraceMap } from './stack-trace-map.ts'
import { StorageMap } from './storage-map.ts'

const cpus = possibleCpus()

function loaded(): BpfObject {
  using spec = BpfObject.open(compileBpf('maps.bpf.c'))
  return spec.load()
}

/** Runs the program that writes to all maps, on one CPU. */
function touch(object: BpfObject, times: number, cpu: number): void {
  const ctx = new Uint8Array(new BigUint64Array([BigInt(times)]).buffer)
  object.program('touch').testRun({ ctx, cpu, flags: 1 })
}

test('a per-CPU array has one value per possible CPU, padded to 8 bytes each', () => {
  using object = loaded()
  const map = mapOf(object, 'percpu_array', PerCpuArrayMap<number>)
  expect(map.valueBytes).toBe(8 * cpus)
  for (let cpu = 0; cpu < cpus; cpu += 1) touch(object, 10 + cpu, cpu)
  expect(map.get(1)).toEqual(Array.from({ length: cpus }, (_, cpu) => 10 + cpu))
  expect(map.get(0)).toEqual(Array(cpus).fill(0))
  map.set(
    1,
    Array.from({ length: cpus }, (_, cpu) => cpu * 100),
  )
  touch(object, 1, cpus - 1)
  expect(map.get(1)?.at(-1)).toBe((cpus - 1) * 100 + 1)
  const error = thrown(BpfError, () => map.set(1, Array<number>(cpus + 1).fill(0)))
  expect(error.message).toMatch(new RegExp(`an array of ${cpus} values.*got ${cpus + 1}`))
  expect(map.readBatch()[1]?.[1].at(-1)).toBe((cpus - 1) * 100 + 1)
})

test('a per-CPU hash map iterates, batches and drains arrays of values', () => {
  using object = loaded()
  const map = mapOf(object, 'percpu_hash', PerCpuHashMap<number, bigint>)
  touch(object, 7, 0)
  const expected = Array.from({ length: cpus }, (_, cpu) => (cpu === 0 ? 7n : 0n))
  expect([...map]).toEqual([[0, expected]])
  const more = Array.from(
    { length: 23 },
    (_, i) => [1000 + i, Array<bigint>(cpus).fill(BigInt(i))] as const,
  )
  expect(map.writeBatch(more)).toBe(23)
  expect(map.get(1022)).toEqual(Array(cpus).fill(22n))
  expect(map.take(0)).toEqual(expected)
  expect(map.drain().length).toBe(23)
  expect(map.size).toBe(0)
})

test('keys with padding are found: what is between the fields is zero', () => {
  using object = loaded()
  const map = mapOf(object, 'pairs', HashMap<{ small: number; large: bigint }, string>)
  map.set({ small: 255, large: 2n ** 64n - 1n }, 'first')
  map.set({ small: 1, large: 2n }, 'second')
  expect(map.get({ small: 1, large: 2n })).toBe('second')
  expect(map.delete({ small: 255, large: 2n ** 64n - 1n })).toBe(true)
  expect([...map]).toEqual([[{ small: 1, large: 2n }, 'second']])
})

test('an array has all of its elements from the start and none beyond', () => {
  using map = createMap({ type: 'array', name: 'squares', maxEntries: 3, codecs: { value: u32 } })
  expect([...map]).toEqual([0, 1, 2].map((i) => [i, 0]))
  map.set(2, 4)
  expect(map.get(2)).toBe(4)
  expect(map.get(3)).toBeUndefined()
  expect(map.length).toBe(3)
  expect(map.size).toBe(3)
  expect(thrown(BpfError, () => map.set(3, 1)).message).toMatch(/an index below 3, got 3/)
  expect(thrown(BpfError, () => map.get(-1)).message).toContain('from 0')
  expect(thrown(BpfError, () => map.delete(1)).message).toContain('always exist')
  map.clear()
  expect([...map.values()]).toEqual([0, 0, 0])
})

test('a live view shares memory with the program, in both directions', () => {
  using object = loaded()
  const map = mapOf(object, 'live', ArrayMap<number>)
  using view = map.view()
  touch(object, 5, 0)
  expect(view.get(3)).toBe(5)
  view.set(3, 100)
  touch(object, 1, 0)
  expect(view.get(3)).toBe(101)
  expect(map.get(3)).toBe(101)
  expect(view.stride).toBe(8)
  Atomics.add(new Uint32Array(view.buffer), 6, 9)
  expect(map.get(3)).toBe(110)
  expect([...view]).toEqual([0, 0, 0, 110, 0, 0, 0, 0])
  for (const index of [-1, 8, 1.5, NaN]) expect(() => view.get(index)).toThrow(/from 0 to 7/)
})

test('a live view that outlives its map is detached, not a segmentation fault', () => {
  const object = loaded()
  const view = mapOf(object, 'live', ArrayMap<number>).view()
  const numbers = new Uint32Array(view.buffer)
  expect(numbers.length).toBeGreaterThan(8)
  object.close()
  expect(view.closed).toBe(true)
  expect(numbers.length).toBe(0)
  expect(numbers[0]).toBeUndefined()
  expect(() => view.get(0)).toThrow(ClosedError)
  expect(() => view.buffer).toThrow(ClosedError)
  view.close()
})

test('a read-only view hands out values, not the memory that a write would kill the process over', () => {
  using object = loaded()
  const map = mapOf(object, 'live', ArrayMap<number>)
  map.set(0, 7)
  map.freeze()
  using view = map.view()
  expect(view.writable).toBe(false)
  expect(view.get(0)).toBe(7)
  expect(() => view.set(0, 1)).toThrow(/read-only/)
  expect(() => view.buffer).toThrow(/read-only/)
  const error = thrown(BpfError, () => map.view({ writable: true }))
  expect(error.code).toBe('EPERM')
})

test('a map without BPF_F_MMAPABLE has no live view and says how to get one', () => {
  using map = createMap({ type: 'array', name: 'plain', maxEntries: 1, codecs: { value: u32 } })
  expect(thrown(BpfError, () => map.view()).message).toContain('BPF_F_MMAPABLE')
})

test('a lookup with lock does not show the lock, and the value is whole', () => {
  using object = loaded()
  const map = mapOf(object, 'guarded', ArrayMap<{ a: number; b: number }>)
  const value = { ...map.get(0)!, a: 1, b: 2 }
  map.set(0, value, { lock: true })
  expect(map.get(0, { lock: true })).toMatchObject({ a: 1, b: 2 })
})

test('a trie finds the longest prefix that fits', () => {
  using object = loaded()
  const routes = mapOf(object, 'routes', LpmTrieMap)
  const key = (prefixlen: number, ...data: number[]): LpmKey => ({
    prefixlen,
    data: Uint8Array.from(data),
  })
  const value = (n: number) => new Uint8Array([n, 0, 0, 0])
  routes.set(key(8, 10, 0, 0, 0), value(1)).set(key(24, 10, 1, 2, 0), value(2))
  expect(routes.get(key(32, 10, 1, 2, 3))).toEqual(value(2))
  expect(routes.get(key(32, 10, 9, 9, 9))).toEqual(value(1))
  expect(routes.get(key(32, 11, 0, 0, 1))).toBeUndefined()
  expect([...routes.keys()].map(({ prefixlen }) => prefixlen)).toEqual([24, 8])
  expect(thrown(BpfError, () => routes.set(key(33, 1, 2, 3, 4), value(1))).message).toMatch(
    /prefixlen from 0 to 32, got 33/,
  )
  expect(thrown(BpfError, () => routes.get(key(8, 1))).message).toContain('4 bytes')
  expect(routes.delete(key(24, 10, 1, 2, 0))).toBe(true)
  expect(routes.size).toBe(1)
})

test('a map of maps takes a map and opens the one that a program wrote to', () => {
  using object = loaded()
  const outer = mapOf(object, 'outer', MapOfMaps<number, HashMap<number, bigint>>)
  const first = mapOf(object, 'first', HashMap<number, bigint>)
  expect(outer.get(0)).toBe(first.id)
  expect(outer.get(1)).toBeUndefined()
  const codecs = { key: u32, value: u64 }
  using inner = createMap({ type: 'hash', name: 'second', maxEntries: 4, codecs })
  outer.set(0, inner)
  touch(object, 23, 0)
  expect(first.size).toBe(0)
  using opened = outer.open(0)
  expect(opened?.id).toBe(inner.id)
  expect(opened?.get(3)).toBe(23n)
  expect([...outer]).toEqual([
    [0, inner.id],
    ...(outer.get(1) === undefined ? [] : [[1, outer.get(1)]]),
  ])
  using other = createMap({ type: 'array', maxEntries: 1, codecs: { value: u32 } })
  expect(thrown(BpfError, () => outer.set(0, other)).code).toBe('EINVAL')
})

test('a program array jumps to the program that was stored, and tells its id', () => {
  using object = loaded()
  const jumps = mapOf(object, 'jumps', ProgArray)
  const ctx = new Uint8Array(8)
  object.program('jump').testRun({ ctx })
  expect(object.data['bss']!['jumped']).toBe(0)
  jumps.set(2, object.program('target'))
  expect(jumps.get(2)).toBe(object.program('target').info().id)
  expect(jumps.get(1)).toBeUndefined()
  object.program('jump').testRun({ ctx })
  expect(object.data['bss']!['jumped']).toBe(7)
  expect(jumps.delete(2)).toBe(true)
  expect(jumps.delete(2)).toBe(false)
  expect(thrown(BpfError, () => jumps.set(0, 2 ** 40 + 5)).message).toContain('file descriptor')
  expect(thrown(BpfError, () => jumps.set(0, 9999)).code).toBe('EBADF')
})

test('a queue gives values in order, a stack in reverse, and both say when they are full', () => {
  for (const [type, order] of [
    ['queue', [1, 2, 3]],
    ['stack', [3, 2, 1]],
  ] as const) {
    using map = createMap({ type, maxEntries: 3, codecs: { value: u32 } })
    expect(map.pop()).toBeUndefined()
    expect(map.peek()).toBeUndefined()
    for (const value of [1, 2, 3]) map.push(value)
    expect(thrown(BpfError, () => map.push(4)).message).toMatch(/full with 3 values/)
    expect(map.peek()).toBe(order[0])
    expect([map.pop(), map.pop(), map.pop(), map.pop()]).toEqual([...order, undefined])
    for (const value of [1, 2, 3]) map.push(value)
    map.push(4, { evict: true })
    expect(map.drain()).toEqual(type === 'queue' ? [2, 3, 4] : [4, 3, 2])
  }
})

test('a queue gives what a program pushed', () => {
  using object = loaded()
  const queue = mapOf(object, 'queue', QueueMap<number>)
  touch(object, 1, cpus - 1)
  expect(queue.pop()).toBe(cpus - 1)
  expect(queue.pop()).toBeUndefined()
})

test('a bloom filter never denies what was added', () => {
  using object = loaded()
  const seen = mapOf(object, 'seen', BloomFilter<number>)
  for (let i = 0; i < 100; i += 1) seen.add(i * 7)
  for (let i = 0; i < 100; i += 1) expect(seen.has(i * 7)).toBe(true)
  let wrong = 0
  for (let i = 0; i < 100; i += 1) wrong += seen.has(1_000_000 + i) ? 1 : 0
  expect(wrong).toBeLessThan(50)
})

test('a stack trace is the addresses from the innermost frame on', () => {
  using object = loaded()
  touch(object, 1, 0)
  const id = Number(object.data['data']!['stack_id'])
  expect(id).toBeGreaterThanOrEqual(0)
  const stack = mapOf(object, 'stacks', StackTraceMap).get(id)
  expect(stack?.length).toBeGreaterThan(2)
  // Kernel addresses: the upper half.
  expect(stack?.every((address) => address >= 2n ** 63n)).toBe(true)
  expect([...mapOf(object, 'stacks', StackTraceMap).keys()]).toEqual([id])
})

test('task storage is reached by process id or pidfd, and only for processes there are', () => {
  using object = loaded()
  const map = mapOf(object, 'per_task', StorageMap<bigint>)
  expect(map.get({ pid: process.pid })).toBeUndefined()
  map.set({ pid: process.pid }, 23n)
  expect(map.get({ pid: process.pid })).toBe(23n)
  expect(map.has({ pid: 1 })).toBe(false)
  expect(map.delete({ pid: process.pid })).toBe(true)
  expect(map.delete({ pid: process.pid })).toBe(false)
  expect(thrown(BpfError, () => map.get({ pid: 2 ** 22 + 1 })).code).toBe('ESRCH')
  expect(thrown(BpfError, () => map.get({ pid: -1 })).message).toContain('above 0')
  expect(thrown(BpfError, () => map.get(map.fd)).code).toMatch(/EBADF|EINVAL/)
})
