import { closeSync } from 'node:fs'
import { BpfError } from '../errors/bpf-error.ts'
import { bindLibbpf } from '../ffi/libbpf.ts'
import { checkU32 } from '../ffi/range.ts'
import { PerfEventArray } from '../events/perf-event-array.ts'
import { RingBufMap } from '../events/ring-buf-map.ts'
import { warnIfLeaked } from '../object/native/leak.ts'
import { openPinned } from '../raw/pin.ts'
import { UserRingBufMap } from '../events/user-ring-buf-map.ts'
import { codecsFromKernel } from './btf-codecs.ts'
import { MapFlag } from './flags.ts'
import { mapInfo } from './info.ts'
import { ArenaMap } from './kinds/arena-map.ts'
import { ArrayMap } from './kinds/array-map.ts'
import { BloomFilter } from './kinds/bloom-filter.ts'
import { FdMap } from './kinds/fd-map.ts'
import { HashMap } from './kinds/hash-map.ts'
import { InsnArray } from './kinds/insn-array.ts'
import { LpmTrieMap } from './kinds/lpm-trie-map.ts'
import { MapOfMaps } from './kinds/map-of-maps.ts'
import { PerCpuArrayMap, PerCpuHashMap } from './kinds/per-cpu-maps.ts'
import { ProgArray } from './kinds/prog-array.ts'
import { QueueMap } from './kinds/queue-map.ts'
import { CpuMap, DevMap } from './kinds/redirect-maps.ts'
import { StackTraceMap } from './kinds/stack-trace-map.ts'
import { StorageMap } from './kinds/storage-map.ts'
import type { MapBase, MapCodecs, MapInit } from './map.ts'
import type { MapFor } from './map-for.ts'
import { mapTypeName, mapTypeNumber } from './map-type.ts'
import type { MapTypeName } from './map-type.ts'

const getFdById = bindLibbpf<(id: number) => number>('int bpf_map_get_fd_by_id(uint32_t id)')

type Opener = (init: MapInit) => MapBase

const mapOfMaps: Opener = (init) => new MapOfMaps(init, openMapById)
const hash: Opener = (init) => new HashMap(init)
const perCpuHash: Opener = (init) => new PerCpuHashMap(init)
const fdMap: Opener = (init) => new FdMap(init)
const storage: Opener = (init) => new StorageMap(init)
const queue: Opener = (init) => new QueueMap(init)

const openers: Partial<Record<string, Opener>> = {
  hash,
  lru_hash: hash,
  percpu_hash: perCpuHash,
  lru_percpu_hash: perCpuHash,
  percpu_cgroup_storage: perCpuHash,
  array: (init) => new ArrayMap(init),
  percpu_array: (init) => new PerCpuArrayMap(init),
  insn_array: (init) => new InsnArray(init),
  lpm_trie: (init) => new LpmTrieMap(init),
  array_of_maps: mapOfMaps,
  hash_of_maps: mapOfMaps,
  prog_array: (init) => new ProgArray(init),
  queue,
  stack: queue,
  bloom_filter: (init) => new BloomFilter(init),
  stack_trace: (init) => new StackTraceMap(init),
  task_storage: storage,
  inode_storage: storage,
  sk_storage: storage,
  cgrp_storage: storage,
  sockmap: fdMap,
  sockhash: fdMap,
  reuseport_sockarray: fdMap,
  xskmap: fdMap,
  cgroup_array: fdMap,
  devmap: (init) => new DevMap(init),
  devmap_hash: (init) => new DevMap(init),
  cpumap: (init) => new CpuMap(init),
  arena: (init) => new ArenaMap(init),
  ringbuf: (init) => new RingBufMap(init),
  user_ringbuf: (init) => new UserRingBufMap(init),
  perf_event_array: (init) => new PerfEventArray(init),
}

/**
 * Makes the map class that fits the type of a map that is open already.
 *
 * Types without a class of their own, also ones newer than this package, become a {@link HashMap}:
 * keys and values as bytes.
 */
export function openMap(init: Omit<MapInit, 'type'> & { type: number | MapTypeName }): MapBase {
  const type = mapTypeNumber(init.type)
  const open = openers[mapTypeName(type)] ?? hash
  const map = open({ ...init, type })
  if (!init.owner) warnIfLeaked(map, `map '${init.name}'`)
  return map
}

/** What to expect of a map that someone else created; each field that is given is compared. */
export interface ExistingMapOptions {
  type?: number | MapTypeName
  keySize?: number
  valueSize?: number
  maxEntries?: number
  /** How keys and values are decoded; otherwise by the BTF the map was created with, or not at all. */
  codecs?: MapCodecs
  /** Open it so that it cannot be written (BPF_F_RDONLY). */
  readOnly?: boolean
  /** Name to show in errors; otherwise the kernel's, of at most 15 bytes. */
  name?: string
}

/**
 * Opens a map that is pinned in a bpf file system. Close it after use; the pin stays.
 *
 * @throws {BpfError} if nothing is pinned there, it is not a map, or not the map that was expected
 */
export function openPinnedMap<const O extends ExistingMapOptions>(
  path: string,
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- without options, nothing is expected
  options: O = {} as O,
): MapFor<O> {
  const fd = openPinned('map', path, options.readOnly === true ? MapFlag.readOnly : 0)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its type is compared with the one expected
  return adopt(fd, 'open pinned map', path, options) as MapFor<O>
}

/**
 * Opens a map by the id that `bpftool map` lists (BPF_MAP_GET_FD_BY_ID). Close it after use.
 *
 * @throws {BpfError} ENOENT if no map has the id
 */
export function openMapById(id: number, codecs?: MapCodecs): MapBase {
  const fd = getFdById(checkU32(id, 'open map with id'))
  if (fd < 0) {
    throw new BpfError({
      operation: 'open map',
      subject: `id ${id}`,
      errno: fd,
      hint: 'List the maps there are with: bpftool map',
    })
  }
  return adopt(fd, 'open map', `id ${id}`, codecs ? { codecs } : {})
}

/** Turns a descriptor that is ours into a map; closes it if the map is not what it should be. */
function adopt(fd: number, operation: string, subject: string, options: ExistingMapOptions) {
  try {
    const info = mapInfo(fd, subject)
    checkExpectations(operation, subject, options, info)
    const flags = info.flags | (options.readOnly === true ? MapFlag.readOnly : 0)
    const name = options.name ?? (info.name || subject)
    const codecs = { ...codecsFromKernel(info), ...options.codecs }
    return openMap({ ...info, fd, flags, name, codecs })
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

function checkExpectations(
  operation: string,
  subject: string,
  options: ExistingMapOptions,
  info: ReturnType<typeof mapInfo>,
): void {
  const type = options.type === undefined ? undefined : mapTypeName(mapTypeNumber(options.type))
  const checks = [
    ['type', type, info.typeName],
    ['key size', options.keySize ?? options.codecs?.key?.size, info.keySize],
    ['value size', options.valueSize ?? options.codecs?.value?.size, info.valueSize],
    ['max_entries', options.maxEntries, info.maxEntries],
  ] as const
  for (const [what, expected, got] of checks) {
    if (expected === undefined || expected === got) continue
    throw new BpfError({
      operation,
      subject,
      expected: `${what} ${expected}`,
      got: `${got}`,
      hint: 'It is another map, or one from another version of the program: remove the pin, or correct the expectation.',
    })
  }
}
