import { textOf } from '../ffi/c-struct.ts'
import { objectInfo } from '../raw/objects.ts'

/** What a link of a perf event is about: a probe, a tracepoint, or a hardware or software event. */
export type PerfEventInfo =
  | { event: 'uprobe' | 'uretprobe'; path: string; offset: number; cookie: bigint }
  | {
      event: 'kprobe' | 'kretprobe'
      function: string
      offset: number
      missed: bigint
      cookie: bigint
    }
  | { event: 'tracepoint'; tracepoint: string; cookie: bigint }
  | { event: 'event'; perfType: number; config: bigint; cookie: bigint }
  /** Kernels before 6.6 do not tell. */
  | { event: 'unknown' }

/** enum bpf_perf_event_type (linux/bpf.h) */
const EVENTS = [
  'unknown',
  'uprobe',
  'uretprobe',
  'kprobe',
  'kretprobe',
  'tracepoint',
  'event',
] as const
const NAME_BYTES = 4096

/** Asks the kernel what the perf event of a link is. */
export function perfEventInfo(fd: number): PerfEventInfo {
  const event = EVENTS[objectInfo('link', { fd }).u32('perf_event.type')] ?? 'unknown'
  const name = new Uint8Array(NAME_BYTES)
  switch (event) {
    case 'uprobe':
    case 'uretprobe': {
      const info = ask(fd, { perf_event_uprobe: { file_name: name, name_len: name.length } })
      return {
        event,
        path: textOf(name),
        offset: info.u32('perf_event_uprobe.offset'),
        cookie: info.u64('perf_event_uprobe.cookie'),
      }
    }
    case 'kprobe':
    case 'kretprobe': {
      const info = ask(fd, { perf_event_kprobe: { func_name: name, name_len: name.length } })
      return {
        event,
        function: textOf(name),
        offset: info.u32('perf_event_kprobe.offset'),
        missed: info.u64('perf_event_kprobe.missed'),
        cookie: info.u64('perf_event_kprobe.cookie'),
      }
    }
    case 'tracepoint': {
      const info = ask(fd, { perf_event_tracepoint: { tp_name: name, name_len: name.length } })
      return { event, tracepoint: textOf(name), cookie: info.u64('perf_event_tracepoint.cookie') }
    }
    case 'event': {
      const info = ask(fd, {})
      return {
        event,
        perfType: info.u32('perf_event_event.type'),
        config: info.u64('perf_event_event.config'),
        cookie: info.u64('perf_event_event.cookie'),
      }
    }
    default:
      return { event: 'unknown' }
  }
}

function ask(fd: number, request: object): ReturnType<typeof objectInfo> {
  return objectInfo('link', { fd }, request)
}
