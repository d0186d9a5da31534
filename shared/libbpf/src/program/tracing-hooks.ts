import type { Link } from '../link/link.ts'
import type { Attachable } from './attach/attempt.ts'
import type { ProgramType } from './program-types.ts'
import { attachUprobe } from './attach/uprobe.ts'
import type { UprobeOptions } from './attach/uprobe.ts'
import { attachRawTracepoint, attachTracepoint } from './attach/tracepoint.ts'
import type { CookieOption } from './attach/tracepoint.ts'

/** Attaching a program to events of the kernel and of processes. */
export abstract class TracingHooks implements Attachable {
  abstract readonly name: string
  abstract readonly section: string | undefined
  abstract readonly type: ProgramType | `type ${number}`
  abstract readonly fd: number
  abstract native(operation: string): bigint
  abstract hold(): { release(): void }

  /** Attaches to a tracepoint below /sys/kernel/tracing/events: `attachTracepoint('sched', 'sched_switch')`. */
  attachTracepoint(category: string, name: string, options?: CookieOption): Link {
    return attachTracepoint(this, category, name, options)
  }

  /** Attaches to a tracepoint without the formatting that makes its arguments stable: `attachRawTracepoint('sched_switch')`. */
  attachRawTracepoint(name: string, options?: CookieOption): Link {
    return attachRawTracepoint(this, name, options)
  }

  /**
   * Attaches to a function of a program or shared library, at its entry or return.
   * @param path the ELF file, or the name of a library or command that libbpf looks up
   */
  attachUprobe(path: string, options: UprobeOptions): Link {
    return attachUprobe(this, path, options)
  }
}
