import { opts, u64 } from '../../../ffi/c-struct.ts'
import { bindLibbpf } from '../../../ffi/libbpf.ts'
import { bindLibc } from '../../../ffi/libc.ts'
import type { Pointer } from '../../../ffi/library.ts'
import { checkU64 } from '../../../ffi/range.ts'
import type { Link } from '../../../link/link.ts'
import { PERF_COUNT_SW, PERF_FLAG, PERF_TYPE, perfEventOpen } from '../../../raw/perf-event.ts'
import { attach } from '../attempt.ts'
import type { Attachable } from '../attempt.ts'
import type { CookieOption } from './tracepoint.ts'

const bpf_program__attach_perf_event_opts = bindLibbpf<
  (program: bigint, fd: number, opts: Uint8Array) => Pointer
>('void *bpf_program__attach_perf_event_opts(const void *, int, const void *)')
const fcntl = bindLibc<(fd: number, command: number, argument: number) => number>(
  'int fcntl(int, int, int)',
)
const close = bindLibc<(fd: number) => number>('int close(int)')
const F_DUPFD_CLOEXEC = 1030

/** Which event runs the program, and how often. */
export interface PerfEventOptions extends CookieOption {
  /** enum perf_type_id; software events if not given. */
  type?: number
  /** Number of the event within its type; the CPU clock if not given. */
  config?: number | bigint
  /** Samples per second. */
  frequency?: number
  /** One sample for this many events, instead of a frequency. */
  period?: number | bigint
  /** Only this process; all on `cpu` if not given. */
  pid?: number
  /** Only this CPU; 0 if neither this nor `pid` is given. */
  cpu?: number
}

/** Runs the program on samples of a hardware or software event, of one process or on one CPU. */
export function attachPerfEvent(program: Attachable, options: PerfEventOptions): Link {
  const { type = PERF_TYPE.SOFTWARE, config = PERF_COUNT_SW.CPU_CLOCK, frequency, period } = options
  using event = perfEventOpen(
    {
      type,
      config,
      ...(frequency === undefined
        ? { sample_period: period ?? 1 }
        : { sample_freq: frequency, flags: PERF_FLAG.FREQ }),
    },
    definedOf({ pid: options.pid, cpu: options.cpu }),
  )
  return attachEvent(program, event, options)
}

/** Runs the program on an event that the caller opened and keeps. */
export function attachEvent(
  program: Attachable,
  event: { readonly fd: number },
  { cookie }: CookieOption = {},
): Link {
  if (cookie !== undefined) checkU64(cookie, 'set cookie of program', program.name)
  // bpf/libbpf.h, struct bpf_perf_event_opts
  const eventOpts = opts(24, [[u64(8), cookie]])
  const own = fcntl(event.fd, F_DUPFD_CLOEXEC, 0) // the link closes the descriptor it was made of
  try {
    return attach(program, {
      hook: 'perf event',
      types: ['perf_event', 'tracepoint', 'kprobe'],
      call: (native) => bpf_program__attach_perf_event_opts(native, own, eventOpts),
    })
  } catch (error) {
    close(own)
    throw error
  }
}

function definedOf(target: { pid: number | undefined; cpu: number | undefined }): {
  pid?: number
  cpu?: number
} {
  return {
    ...(target.pid === undefined ? {} : { pid: target.pid }),
    ...(target.cpu === undefined ? {} : { cpu: target.cpu }),
  }
}
