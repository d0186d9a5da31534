import { arch } from 'node:process'
import { UsageError } from '@ebpf-labs/harness/loader'

/** Commands of bpf(2), the first argument (enum bpf_cmd in linux/bpf.h). */
export const BPF = {
  MAP_CREATE: 0,
  MAP_LOOKUP_ELEM: 1,
  MAP_UPDATE_ELEM: 2,
  MAP_GET_NEXT_KEY: 4,
  PROG_LOAD: 5,
  OBJ_PIN: 6,
  OBJ_GET: 7,
  PROG_GET_NEXT_ID: 11,
  MAP_GET_NEXT_ID: 12,
  PROG_GET_FD_BY_ID: 13,
  MAP_GET_FD_BY_ID: 14,
  OBJ_GET_INFO_BY_FD: 15,
  RAW_TRACEPOINT_OPEN: 17,
  BTF_LOAD: 18,
  MAP_LOOKUP_BATCH: 24, // Linux 5.6
  LINK_CREATE: 28, // Linux 5.7; for perf events 5.15
} as const

export const MAP_TYPE_HASH = 1 // enum bpf_map_type
export const PROG_TYPE_KPROBE = 2 // enum bpf_prog_type
export const PROG_TYPE_RAW_TRACEPOINT = 17
export const ATTACH_TYPE_PERF_EVENT = 41 // enum bpf_attach_type

// ioctls of a perf event: linux/perf_event.h, _IO('$', 0) and _IOW('$', 8, __u32)
export const PERF_EVENT_IOC_ENABLE = 0x2400
export const PERF_EVENT_IOC_SET_BPF = 0x40042408
export const PERF_FLAG_FD_CLOEXEC = 8

/**
 * What differs between processors: numbers of system calls (asm/unistd.h), and the name of the function behind execve(2),
 * since Linux 4.17 with the architecture in it.
 */
const architectures: Partial<Record<string, Architecture>> = {
  x64: { bpf: 321, perf_event_open: 298, execve: '__x64_sys_execve' },
  arm64: { bpf: 280, perf_event_open: 241, execve: '__arm64_sys_execve' },
}

export interface Architecture {
  bpf: number
  perf_event_open: number
  execve: string
}

/**
 * The numbers of the processor that this runs on.
 * @throws UsageError on one that is not listed
 */
export function architecture(name: string = arch): Architecture {
  const found = architectures[name]
  if (found) return found
  const known = Object.keys(architectures).join(', ')
  throw new UsageError(
    `no system call numbers for ${name}: known are ${known}. Add them to by-hand/numbers.ts.`,
  )
}
