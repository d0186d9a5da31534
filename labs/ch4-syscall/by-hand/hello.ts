import { closeSync } from 'node:fs'
import { type Attachment, attachByIoctl, attachByLink, attachToRawTracepoint } from './attach.ts'
import { helloBtf } from './btf.ts'
import { helloInstructions } from './instructions.ts'
import type { Kernel } from './kernel.ts'
import { createHashMap, loadBtf, loadProgram } from './load.ts'
import { PROG_TYPE_KPROBE, PROG_TYPE_RAW_TRACEPOINT } from './numbers.ts'

/** The ways to attach: the function of execve(2) by ioctl or by link, or the tracepoint after it. */
export const WAYS = ['ioctl', 'link', 'raw-tracepoint'] as const
export type Way = (typeof WAYS)[number]

/** The program and its maps, as descriptors: what has no other reference ends when they are closed. */
export interface Hello extends Disposable {
  program: number
  /** uid to message. */
  config: number
  /** pid to message: whom the program has greeted. */
  greeted: number
  instructions: Uint8Array<ArrayBuffer>
}

/**
 * Type information, two maps, a program: in this order, because each needs the descriptors of those before.
 * @throws BpfError when the kernel refuses
 */
export function loadHello(kernel: Kernel, way: Way): Hello {
  const open: number[] = []
  const opened = (fd: number) => {
    open.push(fd)
    return fd
  }
  const close = () => open.splice(0).forEach((fd) => closeSync(fd))
  try {
    const btf = opened(loadBtf(kernel, helloBtf()))
    const config = opened(createHashMap(kernel, { name: 'config', maxEntries: 64, btf }))
    const greeted = opened(createHashMap(kernel, { name: 'greeted', maxEntries: 4096, btf }))
    const instructions = helloInstructions(config, greeted)
    const type = way === 'raw-tracepoint' ? PROG_TYPE_RAW_TRACEPOINT : PROG_TYPE_KPROBE
    const program = opened(loadProgram(kernel, { name: 'hello_by_hand', type, instructions, btf }))
    return { program, config, greeted, instructions, [Symbol.dispose]: close }
  } catch (error) {
    close()
    throw error
  }
}

/** Attaches the program in one of the {@link WAYS}. */
export function attachHello(kernel: Kernel, program: number, way: Way): Attachment {
  if (way === 'ioctl') return attachByIoctl(kernel, program)
  if (way === 'link') return attachByLink(kernel, program)
  return attachToRawTracepoint(kernel, program, 'sched_process_exec')
}
