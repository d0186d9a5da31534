import { BpfError } from '../errors/bpf-error.ts'
import { checkU32 } from '../ffi/range.ts'

/** Map types by the name bpftool gives them (linux/bpf.h, enum bpf_map_type). */
export const MapType = {
  unspec: 0,
  hash: 1,
  array: 2,
  prog_array: 3,
  perf_event_array: 4,
  percpu_hash: 5,
  percpu_array: 6,
  stack_trace: 7,
  cgroup_array: 8,
  lru_hash: 9,
  lru_percpu_hash: 10,
  lpm_trie: 11,
  array_of_maps: 12,
  hash_of_maps: 13,
  devmap: 14,
  sockmap: 15,
  cpumap: 16,
  xskmap: 17,
  sockhash: 18,
  cgroup_storage: 19,
  reuseport_sockarray: 20,
  percpu_cgroup_storage: 21,
  queue: 22,
  stack: 23,
  sk_storage: 24,
  devmap_hash: 25,
  struct_ops: 26,
  ringbuf: 27,
  inode_storage: 28,
  task_storage: 29,
  bloom_filter: 30,
  user_ringbuf: 31,
  cgrp_storage: 32,
  arena: 33,
  insn_array: 34,
} as const

/** Name of a map type, as bpftool prints it. */
export type MapTypeName = keyof typeof MapType

const names = new Map<number, string>(Object.entries(MapType).map(([name, type]) => [type, name]))

/** Name of a map type number; `type 99` for one that this package does not know. */
export function mapTypeName(type: number): string {
  return names.get(type) ?? `type ${type}`
}

/**
 * Number of a map type given by name or number.
 *
 * @throws {BpfError} if the name is unknown
 */
export function mapTypeNumber(type: MapTypeName | number): number {
  if (typeof type === 'number') return checkU32(type, 'find map type')
  if (Object.hasOwn(MapType, type)) return MapType[type]
  throw new BpfError({
    operation: 'find map type',
    subject: type,
    expected: `one of ${Object.keys(MapType).join(', ')}`,
  })
}

const perCpuTypes: ReadonlySet<number> = new Set([
  MapType.percpu_hash,
  MapType.percpu_array,
  MapType.lru_percpu_hash,
  MapType.percpu_cgroup_storage,
])

/** Whether each CPU has its own copy of a value in maps of this type. */
export function isPerCpu(type: number): boolean {
  return perCpuTypes.has(type)
}
