import { closeSync } from 'node:fs'
import { constants } from 'node:os'
import { Attr, cString, textIn } from './attr.ts'
import type { Kernel } from './kernel.ts'

const { ENOENT } = constants.errno

/** What can be asked about a program: a part of `struct bpf_prog_info`. */
export interface ProgramInfo {
  id: number
  type: number
  name: string
  /** Instructions after the verifier has rewritten the program. */
  instructions: number
  /** Number of maps that it uses. */
  maps: number
}

/** What can be asked about a map: a part of `struct bpf_map_info`. */
export interface MapInfo {
  id: number
  type: number
  name: string
  keySize: number
  valueSize: number
  maxEntries: number
}

/** BPF_OBJ_PIN: gives an object a name in /sys/fs/bpf, which holds it when all descriptors are closed. */
export function pin(kernel: Kernel, fd: number, path: string): void {
  const attr = new Attr(12).pointer(0, 'pathname', cString(path)).u32(8, 'bpf_fd', fd)
  kernel.bpf('OBJ_PIN', attr, {
    EEXIST: `Something is pinned at ${path}, perhaps since the last time. Look at it: npx nx start ch4-syscall -- by-hand open ${path}
Remove it: rm ${path}`,
    ENOENT: `Make the folder of ${path} first.`,
    EPERM: `Nothing can be pinned outside of /sys/fs/bpf, and no name there may have a dot.`,
  })
}

/**
 * BPF_OBJ_GET: opens what is pinned.
 * @returns its descriptor
 */
export function openPinned(kernel: Kernel, path: string): number {
  return kernel.bpf('OBJ_GET', new Attr(12).pointer(0, 'pathname', cString(path)), {
    ENOENT: `Nothing is pinned at ${path}. What is: ls /sys/fs/bpf`,
    EINVAL: `${path} is no pin: pins are below /sys/fs/bpf.`,
    EACCES: `${path} is no pin, or not yours to open: pins are below /sys/fs/bpf.`,
    EPERM: `${path} is no pin, or not yours to open: pins are below /sys/fs/bpf.`,
  })
}

/** BPF_PROG_GET_NEXT_ID, BPF_MAP_GET_NEXT_ID: all ids, each by the one before. */
export function ids(kernel: Kernel, kind: 'PROG' | 'MAP'): number[] {
  const found: number[] = []
  for (;;) {
    const attr = new Attr(12).u32(0, 'start_id', found.at(-1) ?? 0).u32(4, 'next_id', 0)
    const result = kernel.tryBpf(`${kind}_GET_NEXT_ID`, attr)
    if (result === -ENOENT) return found
    if (result < 0) kernel.refuse(`call bpf(BPF_${kind}_GET_NEXT_ID)`, result)
    found.push(attr.read('next_id'))
  }
}

/** Opens an object by its id, asks about it and closes it; undefined when it is gone meanwhile. */
export function byId<T>(
  kernel: Kernel,
  kind: 'PROG' | 'MAP',
  id: number,
  ask: (kernel: Kernel, fd: number) => T,
): T | undefined {
  const fd = kernel.tryBpf(`${kind}_GET_FD_BY_ID`, new Attr(12).u32(0, 'id', id))
  if (fd === -ENOENT) return undefined
  if (fd < 0) kernel.refuse(`call bpf(BPF_${kind}_GET_FD_BY_ID)`, fd)
  try {
    return ask(kernel, fd)
  } finally {
    closeSync(fd)
  }
}

/** BPF_OBJ_GET_INFO_BY_FD for a program. */
export function programInfo(kernel: Kernel, fd: number): ProgramInfo {
  const info = infoOf(kernel, fd, 80)
  return {
    type: info.getUint32(0, true),
    id: info.getUint32(4, true),
    instructions: info.getUint32(20, true) / 8, // xlated_prog_len
    maps: info.getUint32(52, true), // nr_map_ids
    name: textAt(info, 64),
  }
}

/** BPF_OBJ_GET_INFO_BY_FD for a map. */
export function mapInfo(kernel: Kernel, fd: number): MapInfo {
  const info = infoOf(kernel, fd, 40)
  return {
    type: info.getUint32(0, true),
    id: info.getUint32(4, true),
    keySize: info.getUint32(8, true),
    valueSize: info.getUint32(12, true),
    maxEntries: info.getUint32(16, true),
    name: textAt(info, 24),
  }
}

/** The kernel fills as much of the struct as there is room for. */
function infoOf(kernel: Kernel, fd: number, size: number): DataView {
  const info = new Uint8Array(size)
  const attr = new Attr(16).u32(0, 'bpf_fd', fd).u32(4, 'info_len', size).pointer(8, 'info', info)
  kernel.bpf('OBJ_GET_INFO_BY_FD', attr)
  return new DataView(info.buffer)
}

const textAt = (info: DataView, at: number) => textIn(new Uint8Array(info.buffer, at, 16))
