import { createMap, u64 } from '@ebpf-labs/libbpf'
import { arrays } from '../build/zoo/arrays.skel.ts'
import { bloom } from '../build/zoo/bloom.skel.ts'
import { hashes } from '../build/zoo/hashes.skel.ts'
import { nested } from '../build/zoo/nested.skel.ts'
import { queues } from '../build/zoo/queues.skel.ts'
import { storage } from '../build/zoo/storage.skel.ts'
import { ring, threadId } from '../doorbell.ts'

/** One type of map and its little show. */
export interface Exhibit {
  /** As bpftool prints it. */
  type: string
  purpose: string
  /** Loads a program, sends it numbers, and says what the map holds then. */
  show(): string[]
}

/** From `first` to `last`, both included. */
export function numbers(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, n) => first + n)
}

/** Opens one of the skeletons, has it listen to this thread's doorbell, attaches it and hands it to `body`. */
export function withZoo<Loaded extends Disposable & { attach(): Disposable }, Result>(
  skeleton: { open(): Disposable & { data: { rodata: { ringer: number } }; load(): Loaded } },
  body: (zoo: Loaded) => Result,
): Result {
  using spec = skeleton.open()
  spec.data.rodata.ringer = threadId()
  using zoo = spec.load()
  using links = zoo.attach()
  return body(zoo)
}

/** A map of the kind that belongs into `tenants`. */
export function newCounters() {
  return createMap({ type: 'array', maxEntries: 2, codecs: { value: u64 } })
}

export const exhibits: readonly Exhibit[] = [
  {
    type: 'array',
    purpose: 'a fixed number of slots that are always there: a histogram',
    show: () =>
      withZoo(arrays, ({ maps }) => {
        numbers(1, 23).forEach(ring)
        return [...maps.histogram].slice(1, 6).map(([digits, n]) => `${digits} binary digits: ${n}`)
      }),
  },
  {
    type: 'percpu_array',
    purpose: 'a value for each CPU, so that no CPU waits for another one: a busy counter',
    show: () =>
      withZoo(arrays, ({ maps }) => {
        numbers(1, 23).forEach(ring)
        return (maps.rings_per_cpu.get(0) ?? []).map((n, cpu) => `CPU ${cpu}: ${n}`)
      }),
  },
  {
    type: 'array, mmapable',
    purpose: 'memory that user space shares with the program: read without system calls',
    show: () =>
      withZoo(arrays, ({ maps }) => {
        using view = maps.last_numbers.view()
        numbers(1, 11).forEach(ring)
        return [`the last 8 numbers, each in its slot: ${[...view].join(' ')}`]
      }),
  },
  {
    type: 'global data',
    purpose: 'variables: constants in .rodata, settings in .data, counters in .bss',
    show: () =>
      withZoo(arrays, ({ data }) => {
        ring(1)
        data.data.step = 10
        ring(1)
        return [`one ring with step 1, one with step 10: total ${data.bss.total}`]
      }),
  },
  {
    type: 'percpu_hash',
    purpose: 'any keys, a value for each CPU; full is full',
    show: () =>
      withZoo(hashes, ({ maps, data }) => {
        numbers(1, 100).forEach(ring)
        return [
          `100 numbers: ${maps.times_per_cpu.size} kept, ${data.bss.refused_when_full} refused`,
        ]
      }),
  },
  {
    type: 'lru_hash',
    purpose: 'any keys; when it is full, what was not used for long makes room: a cache',
    show: () =>
      withZoo(hashes, ({ maps, data }) => {
        numbers(1, 100).forEach(ring)
        const newest = maps.recent.has(100) ? 'the newest is there' : 'the newest is missing'
        return [`100 numbers: ${data.bss.refused_by_lru} refused, ${newest}`]
      }),
  },
  {
    type: 'lpm_trie',
    purpose: 'the longest prefix that fits: routes and address ranges',
    show: () =>
      withZoo(hashes, ({ maps, data }) => {
        maps.routes.set({ length: 8, address: Uint8Array.of(10, 0, 0, 0) }, 1)
        maps.routes.set({ length: 16, address: Uint8Array.of(10, 1, 0, 0) }, 2)
        return ['10.1.2.3', '10.9.9.9', '11.0.0.1'].map((address) => {
          ring(address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0))
          return `${address}: route ${data.bss.route || 'none'}`
        })
      }),
  },
  {
    type: 'queue',
    purpose: 'first in, first out',
    show: () =>
      withZoo(queues, ({ maps }) => {
        numbers(1, 5).forEach(ring)
        return [maps.first_in_first_out.drain().join(' ')]
      }),
  },
  {
    type: 'stack',
    purpose: 'last in, first out',
    show: () =>
      withZoo(queues, ({ maps }) => {
        numbers(1, 5).forEach(ring)
        return [maps.last_in_first_out.drain().join(' ')]
      }),
  },
  {
    type: 'bloom_filter',
    purpose: 'has this been here? No is certain, yes is likely; little memory',
    show: () =>
      withZoo(bloom, ({ maps, data }) => {
        numbers(1, 500).forEach((n) => maps.seen.add(n))
        numbers(401, 600).forEach(ring)
        const { perhaps, surely_not } = data.bss
        return [`500 known; asked for 100 of them and 100 others: ${perhaps} yes, ${surely_not} no`]
      }),
  },
  {
    type: 'hash_of_maps',
    purpose: 'maps in a map: a whole map is exchanged in one step',
    show: () =>
      withZoo(nested, ({ maps }) => {
        using before = newCounters()
        using after = newCounters()
        maps.tenants.set(7, before)
        numbers(1, 23).forEach(() => ring(14))
        maps.tenants.set(7, after)
        numbers(1, 5).forEach(() => ring(14))
        return [`before the exchange ${before.get(0)}, after it ${after.get(0)}`]
      }),
  },
  {
    type: 'task_storage',
    purpose: 'a value that belongs to a thread: from the entry of a call to its exit',
    show: () =>
      withZoo(storage, ({ data }) => {
        ring(4242)
        const { number, duration } = data.bss
        return [
          `the exit found ${number}, ${duration > 0n ? 'some' : 'no'} nanoseconds after the entry`,
        ]
      }),
  },
]
