import { closeSync } from 'node:fs'
import { hostIsLittleEndian as le } from '../codec/byte-order.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { UnsupportedError } from '../errors/unsupported-error.ts'
import { bindLibbpf } from '../ffi/libbpf.ts'
import { pageSize } from '../ffi/mmap.ts'
import { checkU32, checkU64 } from '../ffi/range.ts'
import { permissionHint } from '../raw/hints.ts'
import { loadStorageBtf } from './create-btf.ts'
import { EINVAL, EPERM, E2BIG } from './element-error.ts'
import { MapFlag } from './flags.ts'
import { fdOf } from './fd-codec.ts'
import type { FdSource } from './fd-codec.ts'
import type { MapCodecs } from './map.ts'
import type { MapFor } from './map-for.ts'
import { MapType, mapTypeName, mapTypeNumber } from './map-type.ts'
import type { MapTypeName } from './map-type.ts'
import { openMap } from './open.ts'
import { possibleCpus } from './possible-cpus.ts'

/** A map to create from user space. */
export interface CreateMapOptions {
  type: number | MapTypeName
  /** Bytes; taken from the key codec, or from the type where only one size is possible. */
  keySize?: number
  /** Bytes on one CPU; taken from the value codec, or from the type where only one size is possible. */
  valueSize?: number
  /** Entries; bytes for ring buffers. */
  maxEntries?: number
  /** BPF_F_* flags, see MapFlag. */
  flags?: number
  /** At most 15 letters, digits, `_` and `.`. */
  name?: string
  codecs?: MapCodecs
  /** A map of the kind that goes into a map of maps. */
  inner?: FdSource
  /** Type-specific: hash functions of a bloom filter, address of an arena. */
  extra?: bigint
  /** NUMA node to allocate from. */
  numaNode?: number
}

const mapCreate = bindLibbpf<
  (
    type: number,
    name: string | null,
    keySize: number,
    valueSize: number,
    maxEntries: number,
    opts: Uint8Array,
  ) => number
>(
  'int bpf_map_create(int type, const char *name, uint32_t key_size, uint32_t value_size, uint32_t max_entries, const void *opts)',
)

/** Types whose keys or values can have one size only: [key, value]. */
const FIXED: Partial<Record<MapTypeName, readonly [key?: number | undefined, value?: number]>> = {
  array: [4],
  percpu_array: [4],
  prog_array: [4, 4],
  perf_event_array: [4, 4],
  cgroup_array: [4, 4],
  array_of_maps: [4, 4],
  hash_of_maps: [undefined, 4],
  xskmap: [4, 4],
  sockmap: [4],
  reuseport_sockarray: [4],
  stack_trace: [4],
  insn_array: [4, 16],
  devmap: [4],
  devmap_hash: [4],
  cpumap: [4],
  queue: [0],
  stack: [0],
  bloom_filter: [0],
  ringbuf: [0, 0],
  user_ringbuf: [0, 0],
  arena: [0, 0],
  task_storage: [4],
  inode_storage: [4],
  sk_storage: [4],
  cgrp_storage: [4],
}

const storageTypes: ReadonlySet<MapTypeName> = new Set([
  'task_storage',
  'inode_storage',
  'sk_storage',
  'cgrp_storage',
] as const)

/**
 * Creates a map (BPF_MAP_CREATE). Close it after use, or pin it.
 *
 * Sets the flags that a type cannot do without (BPF_F_NO_PREALLOC for tries and storages,
 * BPF_F_MMAPABLE for arenas), and supplies the BTF that storages need.
 *
 * @throws {BpfError} if sizes are missing or do not fit the type, or the kernel refuses
 */
export function createMap<const O extends CreateMapOptions>(options: O): MapFor<O> {
  const type = mapTypeNumber(options.type)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an unknown number only finds nothing in the tables
  const typeName = mapTypeName(type) as MapTypeName
  const name = options.name ?? ''
  checkName(name)
  checkNumbers(options, name || typeName)
  const keySize = sizeOf('key', typeName, options, name)
  const valueSize = sizeOf('value', typeName, options, name)
  const maxEntries = options.maxEntries ?? defaultEntries(typeName, name)
  const flags = (options.flags ?? 0) | neededFlags(typeName)
  using btf = storageTypes.has(typeName) ? loadStorageBtf(valueSize) : undefined
  const opts = createOpts({ ...options, flags }, btf)
  const fd = mapCreate(type, name || null, keySize, valueSize, maxEntries, opts)
  if (fd < 0) throw createError(fd, typeName, { name, keySize, valueSize, maxEntries })
  try {
    const { codecs } = options
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- openMap chooses the class by the same rules
    return openMap({
      fd,
      name: name || typeName,
      type,
      keySize,
      valueSize,
      maxEntries,
      flags,
      codecs,
    }) as MapFor<O>
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/** koffi would cut what does not fit 32 bits. */
function checkNumbers(options: CreateMapOptions, subject: string): void {
  for (const field of ['keySize', 'valueSize', 'maxEntries', 'flags', 'numaNode'] as const) {
    const value = options[field]
    if (value !== undefined) checkU32(value, `create map: ${field} of`, subject)
  }
  if (options.extra !== undefined) checkU64(options.extra, 'create map: extra of', subject)
}

/** BPF_OBJ_NAME_LEN is 16 with the NUL (linux/bpf.h); libbpf cuts longer names, which would surprise later. */
function checkName(name: string): void {
  if (/^[\w.]{0,15}$/.test(name)) return
  throw new BpfError({
    operation: 'create map',
    subject: name,
    expected: 'a name of at most 15 letters, digits, _ and .',
    got: `${name.length} characters`,
  })
}

function sizeOf(
  what: 'key' | 'value',
  type: MapTypeName,
  options: CreateMapOptions,
  name: string,
): number {
  const fixed = FIXED[type]?.[what === 'key' ? 0 : 1]
  const codec = type === 'ringbuf' || type === 'user_ringbuf' ? undefined : options.codecs?.[what]
  const given = (what === 'key' ? options.keySize : options.valueSize) ?? codec?.size
  const size = given ?? fixed
  if (size !== undefined && (fixed === undefined || size === fixed)) return size
  throw new BpfError({
    operation: 'create map',
    subject: name || type,
    expected: fixed === undefined ? `a ${what} size` : `a ${what} of ${fixed} bytes`,
    got: size === undefined ? 'none' : `${size}`,
    hint: `Give ${what}Size, or codecs.${what}.`,
  })
}

function defaultEntries(type: MapTypeName, name: string): number {
  if (type === 'perf_event_array') return possibleCpus()
  if (storageTypes.has(type) || type.endsWith('cgroup_storage')) return 0
  throw new BpfError({ operation: 'create map', subject: name || type, expected: 'maxEntries' })
}

function neededFlags(type: MapTypeName): number {
  if (type === 'lpm_trie' || storageTypes.has(type)) return MapFlag.noPrealloc
  return type === 'arena' ? MapFlag.mmapable : 0
}

/** struct bpf_map_create_opts up to map_ifindex, all of which libbpf 1.0 has (bpf/bpf.h). */
function createOpts(options: CreateMapOptions, btf: { fd: number } | undefined): Uint8Array {
  const opts = new DataView(new ArrayBuffer(48))
  opts.setBigUint64(0, BigInt(opts.byteLength), le)
  if (btf) {
    opts.setUint32(8, btf.fd, le)
    opts.setUint32(12, 1, le) // the int
    opts.setUint32(16, 3, le) // the array of bytes
  }
  if (options.inner !== undefined) opts.setUint32(24, fdOf(options.inner, 'inner map'), le)
  const numa = options.numaNode === undefined ? 0 : MapFlag.numaNode
  opts.setUint32(28, (options.flags ?? 0) | numa, le)
  opts.setBigUint64(32, options.extra ?? 0n, le)
  opts.setUint32(40, options.numaNode ?? 0, le)
  return new Uint8Array(opts.buffer)
}

interface Asked {
  name: string
  keySize: number
  valueSize: number
  maxEntries: number
}

function createError(errno: number, type: MapTypeName, asked: Asked): BpfError {
  const subject = asked.name || type
  if (errno === -EINVAL && MapType[type] >= MapType.user_ringbuf) {
    return new UnsupportedError({
      feature: `a map of type ${type} with these sizes`,
      needs: {},
      operation: 'create map',
      subject,
      errno,
      hint: 'This kernel may be too old for the type.',
    })
  }
  return new BpfError({
    operation: 'create map',
    subject,
    errno,
    got: `${type}, key ${asked.keySize}, value ${asked.valueSize}, max_entries ${asked.maxEntries}`,
    hint: createHint(-errno, type),
  })
}

function createHint(errno: number, type: MapTypeName): string | undefined {
  if (errno === EPERM) return permissionHint()
  if (errno === E2BIG) return 'The map is larger than the kernel allows.'
  if (errno !== EINVAL) return undefined
  if (type === 'ringbuf' || type === 'user_ringbuf') {
    return `max_entries is in bytes: a power of two, and a multiple of the page size ${pageSize()}.`
  }
  if (type === 'array_of_maps' || type === 'hash_of_maps') {
    return 'A map of maps needs `inner`: a map of the kind that goes into it.'
  }
  return 'The kernel does not take these sizes or flags for this type.'
}
