import type { Codec } from '../codec/codec.ts'
import type { PerfEventArray } from '../events/perf-event-array.ts'
import type { RingBufMap } from '../events/ring-buf-map.ts'
import type { UserRingBufMap } from '../events/user-ring-buf-map.ts'
import type { ArenaMap } from '../maps/kinds/arena-map.ts'
import type { ArrayMap } from '../maps/kinds/array-map.ts'
import type { BloomFilter } from '../maps/kinds/bloom-filter.ts'
import type { FdMap } from '../maps/kinds/fd-map.ts'
import type { HashMap } from '../maps/kinds/hash-map.ts'
import type { InsnArray } from '../maps/kinds/insn-array.ts'
import type { LpmKey, LpmTrieMap } from '../maps/kinds/lpm-trie-map.ts'
import type { MapOfMaps } from '../maps/kinds/map-of-maps.ts'
import type { PerCpuArrayMap, PerCpuHashMap } from '../maps/kinds/per-cpu-maps.ts'
import type { ProgArray } from '../maps/kinds/prog-array.ts'
import type { QueueMap } from '../maps/kinds/queue-map.ts'
import type { CpuMap, DevMap } from '../maps/kinds/redirect-maps.ts'
import type { StackTraceMap } from '../maps/kinds/stack-trace-map.ts'
import type { StorageMap } from '../maps/kinds/storage-map.ts'
import type { MapBase } from '../maps/map.ts'
import type { MapTypeName } from '../maps/map-type.ts'

/** What a generated skeleton says of one map. */
export interface MapEntry {
  readonly type: MapTypeName
  readonly key?: Codec<any>
  /** For ring buffers and perf event arrays: of one event. */
  readonly value?: Codec<any>
  /** The maps inside a map of maps. */
  readonly inner?: MapEntry
}

/** The class of a loaded map, with the types of its keys and values. */
export type MapOf<E extends MapEntry> = E['type'] extends keyof Classes<E>
  ? Classes<E>[E['type']]
  : HashMap<Key<E>, Value<E>, KeyInput<E>, ValueInput<E>>

/** Raw bytes where the object gives no type. */
type Key<E, Default = Uint8Array> = E extends { readonly key: Codec<infer K, any> } ? K : Default

/** What it takes to write a key. */
type KeyInput<E, Default = Uint8Array> = E extends { readonly key: Codec<any, infer W> }
  ? W
  : Default

type Value<E, Default = Uint8Array> = E extends { readonly value: Codec<infer V, any> }
  ? V
  : Default

/** What it takes to write a value. */
type ValueInput<E, Default = Uint8Array> = E extends { readonly value: Codec<any, infer W> }
  ? W
  : Default

type Inner<E> = E extends { readonly inner: infer I extends MapEntry } ? MapOf<I> : MapBase

/** As `openMap` chooses them. */
interface Classes<E> {
  percpu_hash: PerCpuHashMap<Key<E>, Value<E>, KeyInput<E>, ValueInput<E>>
  lru_percpu_hash: PerCpuHashMap<Key<E>, Value<E>, KeyInput<E>, ValueInput<E>>
  percpu_cgroup_storage: PerCpuHashMap<Key<E>, Value<E>, KeyInput<E>, ValueInput<E>>
  array: ArrayMap<Value<E>, ValueInput<E>>
  percpu_array: PerCpuArrayMap<Value<E>, ValueInput<E>>
  insn_array: InsnArray
  lpm_trie: LpmTrieMap<Key<E, LpmKey>, Value<E>, KeyInput<E, LpmKey>, ValueInput<E>>
  array_of_maps: MapOfMaps<number, Inner<E>>
  hash_of_maps: MapOfMaps<Key<E>, Inner<E>>
  prog_array: ProgArray
  queue: QueueMap<Value<E>, ValueInput<E>>
  stack: QueueMap<Value<E>, ValueInput<E>>
  bloom_filter: BloomFilter<Value<E>, ValueInput<E>>
  stack_trace: StackTraceMap
  task_storage: StorageMap<Value<E>, ValueInput<E>>
  inode_storage: StorageMap<Value<E>, ValueInput<E>>
  sk_storage: StorageMap<Value<E>, ValueInput<E>>
  cgrp_storage: StorageMap<Value<E>, ValueInput<E>>
  sockmap: FdMap
  sockhash: FdMap<Key<E>>
  reuseport_sockarray: FdMap
  xskmap: FdMap
  cgroup_array: FdMap
  devmap: DevMap
  devmap_hash: DevMap
  cpumap: CpuMap
  arena: ArenaMap
  ringbuf: RingBufMap<Value<E, unknown>>
  user_ringbuf: UserRingBufMap<Value<E, unknown>, ValueInput<E, unknown>>
  perf_event_array: PerfEventArray<Value<E, unknown>>
  struct_ops: MapBase
}
