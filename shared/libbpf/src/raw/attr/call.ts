import { bpfSyscall } from '../../ffi/syscall.ts'
import type { EncodedAttr } from '../attr.ts'
import { BPF_COMMANDS } from '../commands.ts'
import type { BpfCommand } from '../commands.ts'

/** What the kernel is reading right now. */
let inFlight: readonly unknown[] = []

/**
 * Makes a system call while the garbage collector is kept off the buffers behind the pointers in its
 * attributes: an address is a number to JavaScript and holds nothing.
 */
export function withBuffers<T>({ keepAlive }: EncodedAttr, call: () => T): T {
  inFlight = keepAlive
  try {
    return call()
  } finally {
    if (inFlight.length > 0) inFlight = []
  }
}

/** Calls bpf(2) with encoded attributes; a failure comes back as `-errno`. */
export function callBpf(command: BpfCommand, attr: EncodedAttr): number {
  return withBuffers(attr, () => bpfSyscall(BPF_COMMANDS[command], attr.bytes, attr.bytes.length))
}
