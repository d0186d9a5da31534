import { closeSync, readFileSync } from 'node:fs'
import { UsageError } from '@ebpf-labs/harness/loader'
import { Attr, cString } from './attr.ts'
import type { Kernel } from './kernel.ts'
import {
  ATTACH_TYPE_PERF_EVENT,
  PERF_EVENT_IOC_ENABLE,
  PERF_EVENT_IOC_SET_BPF,
  architecture,
} from './numbers.ts'

/** What holds a program to its hook: it is detached when this is closed. */
export type Attachment = Disposable

const PMU_TYPE = '/sys/bus/event_source/devices/kprobe/type'

/** perf_event_open(2) makes a probe at the entry of execve(2): an event to which programs can be attached. */
function openProbe(kernel: Kernel): number {
  const attr = new Attr(112)
    .u32(0, 'type', kprobeType())
    .u32(4, 'size', 112) // tells the kernel which version of the struct this is
    .pointer(56, 'config1: kprobe_func', cString(architecture().execve))
    .u64(64, 'config2: probe_offset', 0n)
  const ENOENT = `This kernel has no function ${architecture().execve}: look in /proc/kallsyms.`
  return kernel.perfEventOpen(attr, { ENOENT })
}

/** The number of the event source for kprobes is not fixed: the kernel gives them out as it starts. */
function kprobeType(): number {
  try {
    return Number(readFileSync(PMU_TYPE, 'latin1'))
  } catch (cause) {
    const message = `this kernel has no kprobes: there is no ${PMU_TYPE}. Start it in the lab's machine: npx nx start ch4-syscall -- by-hand`
    throw new UsageError(message, { cause })
  }
}

/**
 * Attaches by two ioctls, as all kernels can: the program runs until the event is closed.
 * @throws BpfError when the kernel refuses
 */
export function attachByIoctl(kernel: Kernel, program: number): Attachment {
  const event = openProbe(kernel)
  kernel.ioctl(event, 'PERF_EVENT_IOC_SET_BPF', PERF_EVENT_IOC_SET_BPF, program)
  kernel.ioctl(event, 'PERF_EVENT_IOC_ENABLE', PERF_EVENT_IOC_ENABLE, 0)
  return { [Symbol.dispose]: () => closeSync(event) }
}

/**
 * BPF_LINK_CREATE: attaches by a link, which can be listed and pinned (Linux 5.15).
 * @throws BpfError when the kernel refuses
 */
export function attachByLink(kernel: Kernel, program: number): Attachment {
  const event = openProbe(kernel)
  const attr = new Attr(16)
    .u32(0, 'prog_fd', program)
    .u32(4, 'target_fd', event)
    .u32(8, 'attach_type', ATTACH_TYPE_PERF_EVENT)
  const EINVAL = 'Links to perf events came with Linux 5.15: take --attach ioctl before.'
  const link = kernel.bpf('LINK_CREATE', attr, { EINVAL })
  kernel.ioctl(event, 'PERF_EVENT_IOC_ENABLE', PERF_EVENT_IOC_ENABLE, 0)
  return {
    [Symbol.dispose]() {
      closeSync(link)
      closeSync(event)
    },
  }
}

/**
 * BPF_RAW_TRACEPOINT_OPEN: attaches to a tracepoint by its name, without a perf event.
 * @throws BpfError when the kernel refuses
 */
export function attachToRawTracepoint(kernel: Kernel, program: number, name: string): Attachment {
  const attr = new Attr(12).pointer(0, 'name', cString(name)).u32(8, 'prog_fd', program)
  const link = kernel.bpf('RAW_TRACEPOINT_OPEN', attr)
  return { [Symbol.dispose]: () => closeSync(link) }
}
