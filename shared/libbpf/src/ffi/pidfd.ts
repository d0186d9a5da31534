import { closeSync } from 'node:fs'
import { BpfError } from '../errors/bpf-error.ts'
import { bindLibc } from './libc.ts'
import { errno } from './library.ts'

// The number is the same on every architecture (asm-generic/unistd.h); glibc has a wrapper since 2.36 only.
const SYS_pidfd_open = 434
const syscall = bindLibc<(nr: number, pid: number, flags: number) => number | bigint>(
  'int64_t syscall(long nr, int pid, uint32_t flags)',
)

/** A file descriptor that refers to a process (pidfd_open(2), Linux 5.3). */
export class PidFd implements Disposable {
  readonly fd: number

  /** @throws {BpfError} ESRCH if there is no such process */
  constructor(pid: number) {
    if (!Number.isInteger(pid) || pid <= 0) {
      throw new BpfError({
        operation: 'open process',
        expected: 'a process id above 0',
        got: String(pid),
      })
    }
    const fd = Number(syscall(SYS_pidfd_open, pid, 0))
    if (fd < 0) {
      throw new BpfError({
        operation: 'open process',
        subject: String(pid),
        errno: errno(),
        hint: 'It must be a running process; threads other than its first cannot be opened.',
      })
    }
    this.fd = fd
  }

  [Symbol.dispose](): void {
    closeSync(this.fd)
  }
}
