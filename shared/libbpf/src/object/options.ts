import type { NamedMember } from '../codec/composite.ts'
import { opts, word } from '../ffi/c-struct.ts'
import type { LibbpfMessage } from '../ffi/print.ts'
import type { MapCodecs } from '../maps/map.ts'

/** How to open an object. */
export interface OpenOptions {
  /** Name of the object; taken from the file's name if not given. */
  name?: string
  /** BTF file to relocate against instead of the running kernel's (`btf_custom_path`). */
  btf?: string
  /** Folder in a BPF file system for maps that pin themselves by name; `/sys/fs/bpf` if not given. */
  pinRoot?: string
  /** Values for `__kconfig` externs, as in a `.config` file: `CONFIG_HZ=250`. */
  kconfig?: string
  /** Verifier log of every program: 1 its steps, 2 more, 4 statistics; kept in `object.log`. */
  logLevel?: number
  /** Gets what libbpf says while it opens and loads, debug messages too; on the main thread, once each is done. */
  onMessage?: (message: LibbpfMessage) => void
  /** Opens an object that was compiled for another architecture; its programs may read the wrong registers. */
  anyArchitecture?: boolean
  /** How keys, values and variables are decoded; derived from the object's BTF if not given. */
  codecs?: ObjectCodecs
}

/** Codecs of an object's maps and data sections, as a skeleton has them. */
export interface ObjectCodecs {
  /** By name of the map; raw bytes for those left out. */
  maps?: Record<string, MapCodecs>
  /** By name of the section (`rodata`, `data_custom`): its variables, as a struct codec lists its fields. */
  data?: Record<string, { readonly fields: readonly NamedMember[] }>
}

// bpf/libbpf.h, struct bpf_object_open_opts
const SIZE = 88
const object_name = word(8)
const pin_root_path = word(24)
const kconfig = word(40)
const btf_custom_path = word(48)
const kernel_log_level = { at: 72, bytes: 4 } as const

/** `struct bpf_object_open_opts` for {@link OpenOptions}. */
export function openOpts(name: string, options: OpenOptions): Uint8Array {
  return opts(SIZE, [
    [object_name, name],
    [pin_root_path, options.pinRoot],
    [kconfig, options.kconfig],
    [btf_custom_path, options.btf],
    [kernel_log_level, options.logLevel],
  ])
}
