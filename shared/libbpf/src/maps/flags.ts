/** Flags a map is created with (linux/bpf.h, BPF_F_*). */
export const MapFlag = {
  /** Allocate hash entries when they are added, not all at once. */
  noPrealloc: 1 << 0,
  /** One LRU list per CPU. */
  noCommonLru: 1 << 1,
  numaNode: 1 << 2,
  /** User space may not write through this file descriptor. */
  readOnly: 1 << 3,
  /** User space may not read through this file descriptor. */
  writeOnly: 1 << 4,
  stackBuildId: 1 << 5,
  zeroSeed: 1 << 6,
  /** BPF programs may not write. */
  readOnlyProgram: 1 << 7,
  /** BPF programs may not read. */
  writeOnlyProgram: 1 << 8,
  /** A clone of a socket inherits its storage. */
  clone: 1 << 9,
  /** User space may mmap the values (array, since Linux 5.5). */
  mmapable: 1 << 10,
  preserveElems: 1 << 11,
  /** Inner arrays may differ in max_entries. */
  innerMap: 1 << 12,
  link: 1 << 13,
} as const

/** What `set` does about an entry that is there, or is not there. */
export interface UpdateOptions {
  /** `noexist` only adds, `exist` only replaces, `any` does both (BPF_NOEXIST, BPF_EXIST, BPF_ANY). */
  mode?: 'any' | 'noexist' | 'exist'
  /** Take the `bpf_spin_lock` in the value, so that no program sees it half written (BPF_F_LOCK). */
  lock?: boolean
}

/** How to read a value. */
export interface LookupOptions {
  /** Take the `bpf_spin_lock` in the value while it is copied (BPF_F_LOCK). */
  lock?: boolean
}

const BPF_F_LOCK = 4
const MODES = { any: 0, noexist: 1, exist: 2 } as const

/** The flags of an update in the kernel's numbers. */
export function updateFlags(options?: UpdateOptions): number {
  if (options === undefined) return 0
  return MODES[options.mode ?? 'any'] | (options.lock === true ? BPF_F_LOCK : 0)
}

/** The flags of a lookup in the kernel's numbers. */
export function lookupFlags(options?: LookupOptions): number {
  return options?.lock === true ? BPF_F_LOCK : 0
}
