import type { Link } from '../link/link.ts'
import type { AttachType } from './attach-types.ts'
import type { Attachable } from './attach/attempt.ts'
import { attachIter } from './attach/tracing/iter.ts'
import type { IterOptions } from './attach/tracing/iter.ts'
import { attachKprobe, attachKsyscall } from './attach/tracing/kprobe.ts'
import type { KprobeOptions } from './attach/tracing/kprobe.ts'
import { attachKprobeMulti } from './attach/tracing/multi.ts'
import type { KprobeTargets, MultiOptions } from './attach/tracing/multi.ts'
import { attachEvent, attachPerfEvent } from './attach/tracing/perf-event.ts'
import type { PerfEventOptions } from './attach/tracing/perf-event.ts'
import { attachFreplace, attachTrace } from './attach/tracing/trace.ts'
import { attachRawTracepoint, attachTracepoint } from './attach/tracing/tracepoint.ts'
import type { CookieOption } from './attach/tracing/tracepoint.ts'
import { attachUprobe } from './attach/tracing/uprobe.ts'
import type { UprobeOptions } from './attach/tracing/uprobe.ts'
import { attachUsdt } from './attach/tracing/usdt.ts'
import type { UsdtOptions } from './attach/tracing/usdt.ts'
import { attachUprobeMulti } from './attach/tracing/uprobe-multi.ts'
import type { UprobeMultiOptions } from './attach/tracing/uprobe-multi.ts'
import type { ProgramType } from './program-types.ts'

/**
 * Attaching a program by hand to events of the kernel and of processes.
 *
 * All methods throw a `BpfError` if the program is of another type, there is no such target, or the kernel refuses;
 * an `UnsupportedError` if kernel or libbpf lack the hook.
 */
export abstract class TracingHooks implements Attachable {
  abstract readonly name: string
  abstract readonly section: string | undefined
  abstract readonly type: ProgramType | `type ${number}`
  abstract readonly attachType: AttachType | `type ${number}` | undefined
  abstract readonly fd: number
  abstract readonly closed: boolean
  abstract native(operation: string): bigint
  abstract hold(): { release(): void }

  /** Attaches to a kernel function, at its entry, an offset or its return: `attachKprobe('do_unlinkat')`. */
  attachKprobe(name: string, options?: KprobeOptions): Link {
    return attachKprobe(this, name, options)
  }

  /** Attaches to a system call, whatever the kernel calls its function on this machine: `attachKsyscall('unlinkat')`. */
  attachKsyscall(name: string, options?: Omit<KprobeOptions, 'offset'>): Link {
    return attachKsyscall(this, name, options)
  }

  /**
   * Attaches to many kernel functions with one link (`SEC("kprobe.multi")`, Linux 5.18; arm64 6.14).
   * @param functions pattern with `*` and `?`, names, or addresses
   */
  attachKprobeMulti(functions: KprobeTargets, options?: MultiOptions): Link {
    return attachKprobeMulti(this, functions, options)
  }

  /** Attaches a fentry, fexit, fmod_ret, tp_btf or lsm program to the target it was loaded for. */
  attachTrace(options?: CookieOption): Link {
    return attachTrace(this, options)
  }

  /**
   * Puts an freplace program in place of a global function of another program.
   * @param name of the function
   */
  attachFreplace(target: { readonly fd: number; readonly name: string }, name: string): Link {
    return attachFreplace(this, target, name)
  }

  /** Attaches to a tracepoint below /sys/kernel/tracing/events: `attachTracepoint('sched', 'sched_switch')`. */
  attachTracepoint(category: string, name: string, options?: CookieOption): Link {
    return attachTracepoint(this, category, name, options)
  }

  /** Attaches to a tracepoint's raw arguments: `attachRawTracepoint('sched_switch')`; a cookie needs libbpf 1.4 and Linux 6.10. */
  attachRawTracepoint(name: string, options?: CookieOption): Link {
    return attachRawTracepoint(this, name, options)
  }

  /**
   * Attaches to a function of a program or shared library, at its entry, an offset or its return.
   * @param path ELF file, or a command or library that libbpf finds in PATH and the library folders
   */
  attachUprobe(path: string, options: UprobeOptions): Link {
    return attachUprobe(this, path, options)
  }

  /**
   * Attaches to many functions of a file with one link (`SEC("uprobe.multi")`, Linux 6.6, libbpf 1.3).
   * @param functions pattern with `*` and `?`, names, or offsets in the file
   */
  attachUprobeMulti(path: string, functions: KprobeTargets, options?: UprobeMultiOptions): Link {
    return attachUprobeMulti(this, path, functions, options)
  }

  /** Attaches to a tracepoint that a program's author put into it (`SEC("usdt")`): `attachUsdt('/usr/bin/python3', 'python', 'function__entry')`. */
  attachUsdt(path: string, provider: string, name: string, options?: UsdtOptions): Link {
    return attachUsdt(this, path, [provider, name], options)
  }

  /** Runs the program on samples of a hardware or software event: `attachPerfEvent({ cpu: 0, frequency: 99 })`. */
  attachPerfEvent(options: PerfEventOptions): Link {
    return attachPerfEvent(this, options)
  }

  /** Runs the program on a perf event that the caller opened and keeps. */
  attachEvent(event: { readonly fd: number }, options?: CookieOption): Link {
    return attachEvent(this, event, options)
  }

  /** Attaches an iterator, where it has to be said what it goes through; `link.lines()` runs it. */
  attachIter(options?: IterOptions): Link {
    return attachIter(this, options)
  }
}
