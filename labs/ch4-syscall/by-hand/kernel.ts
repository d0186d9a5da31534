import { getSystemErrorName } from 'node:util'
import koffi from 'koffi'
import { BpfError } from '@ebpf-labs/libbpf'
import type { Attr } from './attr.ts'
import { BPF, PERF_FLAG_FD_CLOEXEC, architecture } from './numbers.ts'

const libc = koffi.load('libc.so.6')
// There is no bpf() in the C library: only syscall(), which takes the number of a system call and its arguments.
const syscallBpf = libc.func('long syscall(long number, int cmd, void *attr, unsigned int size)')
const syscallPerf = libc.func(
  'long syscall(long number, void *attr, int pid, int cpu, int group_fd, unsigned long flags)',
)
const libcIoctl = libc.func('int ioctl(int fd, unsigned long request, long argument)')

const libcSetrlimit = libc.func('int setrlimit(int resource, void *limit)')
const RLIMIT_MEMLOCK = 8 // asm-generic/resource.h

export type Command = keyof typeof BPF

/** A system call that was made. */
export interface Made {
  /** As C has it: `bpf(BPF_MAP_CREATE, attr, 60)`. */
  text: string
  /** A descriptor or 0; below 0, the negative error number. */
  result: number
  attr?: Attr
}

/** What to do about an error number, where the cause is likely. */
export type Hints = Partial<Record<string, string>>

/** The system calls that a loader needs, each reported when it was made. */
export class Kernel {
  readonly #report: (made: Made) => void
  readonly #numbers = architecture()

  constructor(report: (made: Made) => void = () => {}) {
    this.#report = report
  }

  /**
   * Calls bpf(2).
   * @returns a descriptor, or 0
   * @throws BpfError when the kernel refuses
   */
  bpf(command: Command, attr: Attr, hints: Hints = {}): number {
    const result = this.tryBpf(command, attr)
    return this.#checked(`call bpf(BPF_${command})`, result, hints)
  }

  /** Like {@link bpf}; a refusal comes back as the negative error number. */
  tryBpf(command: Command, attr: Attr): number {
    const { bytes } = attr
    const result = negativeErrno(syscallBpf(this.#numbers.bpf, BPF[command], bytes, bytes.length))
    this.#report({ text: `bpf(BPF_${command}, attr, ${bytes.length})`, result, attr })
    return result
  }

  /**
   * Calls perf_event_open(2) for all processes. A probe fires on every CPU, whatever CPU its event is for.
   * @throws BpfError when the kernel refuses
   */
  perfEventOpen(attr: Attr, hints: Hints = {}): number {
    const number = this.#numbers.perf_event_open
    const result = negativeErrno(syscallPerf(number, attr.bytes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC))
    this.#report({ text: 'perf_event_open(attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC)', result, attr })
    return this.#checked('call perf_event_open()', result, hints)
  }

  /**
   * Calls ioctl(2).
   * @param name of the request, for the report
   * @throws BpfError when the kernel refuses
   */
  ioctl(fd: number, name: string, request: number, argument: number): void {
    const result = negativeErrno(libcIoctl(fd, request, argument))
    this.#report({ text: `ioctl(${fd}, ${name}, ${argument})`, result })
    this.#checked(`call ioctl(${name})`, result, {})
  }

  /**
   * Calls setrlimit(2): up to Linux 5.10, maps and programs count as locked memory, of which a process may have little.
   * @returns whether it was allowed to
   */
  raiseLockedMemory(): boolean {
    const unlimited = 2n ** 64n - 1n
    const limit = new Uint8Array(BigUint64Array.of(unlimited, unlimited).buffer) // soft, hard
    const result = negativeErrno(libcSetrlimit(RLIMIT_MEMLOCK, limit))
    this.#report({ text: 'setrlimit(RLIMIT_MEMLOCK, unlimited)', result })
    return result === 0
  }

  /** @throws BpfError always: the error number, and what to do about it */
  refuse(operation: string, result: number, hints: Hints = {}): never {
    const code = getSystemErrorName(result)
    const hint = { EPERM: NO_RIGHTS, EACCES: NO_RIGHTS, ...hints }[code]
    throw new BpfError({ operation, errno: result, hint })
  }

  #checked(operation: string, result: number, hints: Hints): number {
    return result >= 0 ? result : this.refuse(operation, result, hints)
  }
}

const NO_RIGHTS = 'Run it as root: only root, or who has CAP_BPF and CAP_PERFMON, may do this.'

/** The C library returns -1 and keeps the error number in errno, until the next call. */
function negativeErrno(result: unknown): number {
  return Number(result) === -1 ? -koffi.errno() : Number(result)
}
