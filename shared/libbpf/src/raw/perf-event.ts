import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { BpfError } from '../errors/bpf-error.ts'
import { ioctl, perfEventOpenSyscall } from '../ffi/syscall.ts'
import type { HasFd } from './attr.ts'
import { encodeAttr } from './attr.ts'
import { withBuffers } from './attr/call.ts'
import { Fd } from './fd.ts'
import { permissionHint } from './hints.ts'
import type { StructSpec } from './attr/layout.ts'
import { layout } from './attr/layout.ts'

/** `struct perf_event_attr` of include/uapi/linux/perf_event.h; `flags` is its word of bits. */
const PERF_EVENT_ATTR = {
  type: 'u32',
  size: 'u32',
  config: 'u64',
  sample_period: 'u64',
  sample_freq: 'u64@16',
  sample_type: 'u64',
  read_format: 'u64',
  flags: 'u64',
  wakeup_events: 'u32',
  wakeup_watermark: 'u32@48',
  bp_type: 'u32',
  config1: 'u64',
  config2: 'u64',
} as const satisfies StructSpec

/** Attributes of perf_event_open(2) by their kernel names; the strings are for `config1`. */
export interface PerfEventAttr {
  type: number
  config?: number | bigint
  sample_period?: number | bigint
  sample_freq?: number | bigint
  sample_type?: number | bigint
  read_format?: number | bigint
  flags?: number | bigint
  wakeup_events?: number
  wakeup_watermark?: number
  bp_type?: number
  /** `kprobe_func` and `uprobe_path` are strings here; an address otherwise. */
  config1?: number | bigint | string
  /** `probe_offset`, `kprobe_addr`. */
  config2?: number | bigint
}

/** Well-known values of `type` (enum perf_type_id). */
export const PERF_TYPE = { HARDWARE: 0, SOFTWARE: 1, TRACEPOINT: 2, HW_CACHE: 3, RAW: 4 } as const

/** Some values of `config` for PERF_TYPE.SOFTWARE (enum perf_sw_ids). */
export const PERF_COUNT_SW = {
  CPU_CLOCK: 0,
  CONTEXT_SWITCHES: 3,
  DUMMY: 9,
  BPF_OUTPUT: 10,
} as const

/** Bits of `flags` that are used most. */
export const PERF_FLAG = { DISABLED: 1n, INHERIT: 2n, EXCLUDE_USER: 16n, FREQ: 1024n } as const

// include/uapi/linux/perf_event.h, _IO('$', 0), _IO('$', 1), _IOW('$', 8, __u32)
const PERF_EVENT_IOC_ENABLE = 0x2400
const PERF_EVENT_IOC_DISABLE = 0x2401
const PERF_EVENT_IOC_SET_BPF = 0x40042408
const PERF_FLAG_FD_CLOEXEC = 8n

const ATTR = layout({ ...PERF_EVENT_ATTR, config1: 'ptr@56' })

/** An open perf event, to which one BPF program or more can be attached. */
export class PerfEvent extends Fd {
  readonly #name: string

  constructor(fd: number, name: string) {
    super(fd, name)
    this.#name = name
  }

  /**
   * Attaches a program (PERF_EVENT_IOC_SET_BPF); it stays until the event is closed.
   *
   * @throws BpfError when the program's type does not fit the event
   */
  setBpf(program: HasFd): void {
    this.#ioctl('attach program to', PERF_EVENT_IOC_SET_BPF, program.fd)
  }

  /** Starts counting, and the calls of the program. */
  enable(): void {
    this.#ioctl('enable', PERF_EVENT_IOC_ENABLE, 0)
  }

  /** Stops counting; the program of a tracepoint or probe is called until the event is closed all the same. */
  disable(): void {
    this.#ioctl('disable', PERF_EVENT_IOC_DISABLE, 0)
  }

  #ioctl(operation: string, request: number, argument: number): void {
    const result = ioctl(this.fd, request, argument)
    if (result >= 0) return
    const errno = -result
    const hint =
      errno === constants.errno.EINVAL
        ? 'The type of the program must fit the event: KPROBE for kprobes and uprobes, TRACEPOINT, PERF_EVENT.'
        : errno === constants.errno.EPERM
          ? permissionHint()
          : undefined
    throw new BpfError({ operation, subject: this.#name, errno, hint })
  }
}

/**
 * Opens a perf event with perf_event_open(2), for all processes on one CPU unless told otherwise.
 *
 * @throws BpfError when the kernel does not have the event or refuses it
 */
export function perfEventOpen(
  attr: PerfEventAttr,
  target: { pid?: number; cpu?: number; group_fd?: number } = {},
): PerfEvent {
  const operation = 'open perf event'
  const config1 = typeof attr.config1 === 'number' ? BigInt(attr.config1) : attr.config1
  const full = { size: ATTR.size, ...attr, ...(config1 === undefined ? {} : { config1 }) }
  const encoded = encodeAttr(ATTR, full, operation)
  const { pid = -1, cpu = pid === -1 ? 0 : -1, group_fd = -1 } = target
  const flags = PERF_FLAG_FD_CLOEXEC
  const result = withBuffers(encoded, () =>
    perfEventOpenSyscall(encoded.bytes, { pid, cpu, groupFd: group_fd, flags }),
  )
  const subject = `type ${attr.type} config ${attr.config ?? 0}`
  if (result >= 0) return new PerfEvent(result, `perf event (${subject})`)
  throw new BpfError({ operation, subject, errno: -result, hint: perfHint(-result) })
}

function perfHint(errno: number): string | undefined {
  switch (errno) {
    case constants.errno.EACCES:
    case constants.errno.EPERM:
      return `${permissionHint()} See also /proc/sys/kernel/perf_event_paranoid.`
    case constants.errno.ENOENT:
      return 'The kernel does not have this event, or not on this machine.'
    case constants.errno.ENODEV:
    case constants.errno.EOPNOTSUPP:
      return 'The machine has no hardware for this event: use PERF_TYPE.SOFTWARE.'
    case constants.errno.EINVAL:
      return 'The kernel does not accept these attributes together.'
    default:
      return undefined
  }
}

/**
 * Number of a tracepoint for `config` with PERF_TYPE.TRACEPOINT.
 *
 * @param name `category/event`, for example `syscalls/sys_enter_execve`
 * @throws BpfError when tracefs is not mounted or has no such event
 */
export function tracepointId(name: string): number {
  return Number(
    firstReadable('find tracepoint', name, [
      `/sys/kernel/tracing/events/${name}/id`,
      `/sys/kernel/debug/tracing/events/${name}/id`,
    ]),
  )
}

/**
 * Value of `type` for a dynamic event source: `kprobe`, `uprobe`.
 *
 * @throws BpfError when the kernel was built without it
 */
export function pmuType(name: string): number {
  return Number(
    firstReadable('find event source', name, [`/sys/bus/event_source/devices/${name}/type`]),
  )
}

function firstReadable(operation: string, subject: string, paths: readonly string[]): string {
  let cause: unknown
  for (const path of paths) {
    try {
      return readFileSync(path, 'latin1').trim()
    } catch (error) {
      cause = error
    }
  }
  throw new BpfError({
    operation,
    subject,
    problem: `cannot read ${paths[0]}`,
    hint:
      operation === 'find tracepoint'
        ? 'Mount tracefs (mount -t tracefs tracefs /sys/kernel/tracing), run as root, and check the name against its events folder.'
        : 'The kernel lacks it: CONFIG_KPROBES or CONFIG_UPROBES with CONFIG_KPROBE_EVENTS or CONFIG_UPROBE_EVENTS.',
    cause,
  })
}
