import { arch } from 'node:process'
import { UnsupportedError } from '../errors/unsupported-error.ts'
import { bindLibc } from './libc.ts'
import { errno } from './library.ts'

/**
 * Numbers of the system calls that have no wrapper in the C library
 * (asm/unistd_64.h on x86-64, asm-generic/unistd.h elsewhere).
 */
const NUMBERS: Readonly<
  Record<string, { readonly bpf: number; readonly perf_event_open: number }>
> = {
  x64: { bpf: 321, perf_event_open: 298 },
  arm64: { bpf: 280, perf_event_open: 241 },
  riscv64: { bpf: 280, perf_event_open: 241 },
  loong64: { bpf: 280, perf_event_open: 241 },
}

// syscall(2) is variadic, but its arguments are integers and pointers alone: these go into the same
// registers with a fixed prototype, on every 64-bit Linux.
const syscall3 = bindLibc<(nr: number, a: number, b: Uint8Array, c: number) => number | bigint>(
  'int64_t syscall(long nr, int a, void *b, uint32_t c)',
)
const syscall5 = bindLibc<
  (nr: number, a: Uint8Array, b: number, c: number, d: number, e: bigint) => number | bigint
>('int64_t syscall(long nr, void *a, int b, int c, int d, uint64_t e)')
const ioctlNumber = bindLibc<(fd: number, request: bigint, argument: number) => number>(
  'int ioctl(int fd, uint64_t request, int64_t argument)',
)
const ioctlBuffer = bindLibc<(fd: number, request: bigint, argument: Uint8Array) => number>(
  'int ioctl(int fd, uint64_t request, void *argument)',
)

/** Calls bpf(2) with a ready `union bpf_attr`; a failure comes back as `-errno`. */
export function bpfSyscall(command: number, attr: Uint8Array, size: number): number {
  return negativeErrno(syscall3(numbers().bpf, command, attr, size))
}

/** Calls perf_event_open(2) with a ready `struct perf_event_attr`; a failure comes back as `-errno`. */
export function perfEventOpenSyscall(
  attr: Uint8Array,
  target: { pid: number; cpu: number; groupFd: number; flags: bigint },
): number {
  const { pid, cpu, groupFd, flags } = target
  return negativeErrno(syscall5(numbers().perf_event_open, attr, pid, cpu, groupFd, flags))
}

/** Calls ioctl(2) with a number or a buffer; a failure comes back as `-errno`. */
export function ioctl(fd: number, request: number, argument: number | Uint8Array): number {
  const result =
    typeof argument === 'number'
      ? ioctlNumber(fd, BigInt(request), argument)
      : ioctlBuffer(fd, BigInt(request), argument)
  return negativeErrno(result)
}

function negativeErrno(result: number | bigint): number {
  // errno is lost after any other call, so it is read before anything else.
  return Number(result) === -1 ? -errno() : Number(result)
}

function numbers(): { readonly bpf: number; readonly perf_event_open: number } {
  const found = NUMBERS[arch]
  if (!found) {
    throw new UnsupportedError({
      feature: 'bpf(2) by number',
      needs: {},
      have: `a ${arch} process`,
      hint: `Known here: ${Object.keys(NUMBERS).join(', ')}.`,
    })
  }
  return found
}
