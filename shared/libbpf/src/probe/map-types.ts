import { MapType, mapTypeNumber } from '../maps/map-type.ts'
import type { MapTypeName } from '../maps/map-type.ts'
import { errnoCode } from '../errors/errno.ts'
import type { BpfAttr } from '../raw/attr.ts'
import { tryBpf } from '../raw/bpf.ts'
import { Fd } from '../raw/fd.ts'
import { liftMemlock } from '../raw/memlock.ts'
import { btfLoad, mapCreate } from '../raw/prog-load.ts'
import { NEEDS } from './needs.ts'
import type { ProbeResult } from './result.ts'
import { SUPPORTED, refused } from './result.ts'
import { remembered } from './trial.ts'

const BPF_F_NO_PREALLOC = 1
const BPF_F_MMAPABLE = 1024
const PLAIN: BpfAttr<'BPF_MAP_CREATE'> = { key_size: 4, value_size: 4, max_entries: 1 }
const NO_KEY = { key_size: 0 }
const LOCAL_STORAGE = { max_entries: 0, map_flags: BPF_F_NO_PREALLOC }
const RING = { key_size: 0, value_size: 0, max_entries: 65_536 }
const CGROUP_STORAGE = { key_size: 16, value_size: 8, max_entries: 0 }

/** How the smallest map of a type differs from a hash of one number. */
const SMALLEST: Readonly<Partial<Record<MapTypeName, BpfAttr<'BPF_MAP_CREATE'>>>> = {
  stack_trace: { value_size: 8 },
  lpm_trie: { key_size: 8, value_size: 8, map_flags: BPF_F_NO_PREALLOC },
  cgroup_storage: CGROUP_STORAGE,
  percpu_cgroup_storage: CGROUP_STORAGE,
  queue: NO_KEY,
  stack: NO_KEY,
  bloom_filter: NO_KEY,
  ringbuf: RING,
  user_ringbuf: RING,
  sk_storage: LOCAL_STORAGE,
  inode_storage: LOCAL_STORAGE,
  task_storage: LOCAL_STORAGE,
  cgrp_storage: LOCAL_STORAGE,
  struct_ops: { btf_vmlinux_value_type_id: 1 },
  arena: { key_size: 0, value_size: 0, max_entries: 1, map_flags: BPF_F_MMAPABLE },
  insn_array: { value_size: 16 },
}

const WITH_BTF = new Set<MapTypeName>([
  'sk_storage',
  'inode_storage',
  'task_storage',
  'cgrp_storage',
])
const WITH_INNER = new Set<MapTypeName>(['array_of_maps', 'hash_of_maps'])

/**
 * Whether this kernel has maps of a type, found by creating one. Remembered per process.
 *
 * @throws BpfError for an unknown name
 */
export const probeMapType = remembered((type: MapTypeName): ProbeResult => {
  liftMemlock()
  using inner = WITH_INNER.has(type) ? mapCreate({ ...PLAIN, map_type: MapType.array }) : undefined
  using btf = WITH_BTF.has(type) ? btfLoad(INT_BTF) : undefined
  const result = tryBpf('BPF_MAP_CREATE', {
    map_type: mapTypeNumber(type),
    ...PLAIN,
    ...SMALLEST[type],
    ...(inner ? { inner_map_fd: inner } : {}),
    ...(btf ? { btf_fd: btf, btf_key_type_id: 1, btf_value_type_id: 1 } : {}),
  })
  if (result >= 0) new Fd(result, 'trial map').close()
  // A struct_ops map needs a struct that nobody has; ENOTSUPP means that it was looked up.
  if (result >= 0 || (type === 'struct_ops' && errnoCode(result) === 'ENOTSUPP')) return SUPPORTED
  return refused(`maps of type ${type}`, errnoCode(result), NEEDS[`map ${type}`])
})

/** The shortest BTF with a type in it: `int`, id 1 (Documentation/bpf/btf.rst). */
const INT_BTF = intBtf()

function intBtf(): Uint8Array<ArrayBuffer> {
  const strings = '\0int\0'
  const words = [
    ...[0x0001_eb9f, 24, 0, 16, 16, strings.length], // magic, version 1; header, types, strings
    ...[1, 1 << 24, 4, (1 << 24) | 32], // name, kind INT, 4 bytes, signed, 32 bits
  ]
  const bytes = new Uint8Array(words.length * 4 + strings.length)
  bytes.set(new Uint8Array(new Uint32Array(words).buffer))
  bytes.set(new TextEncoder().encode(strings), words.length * 4)
  return bytes
}
