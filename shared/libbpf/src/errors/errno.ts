import { constants } from 'node:os'
import { getSystemErrorMap } from 'node:util'

/** libbpf's own error numbers start here (bpf/libbpf.h, enum libbpf_errno). */
const LIBBPF_ERRNO_START = 4000

const LIBBPF_ERRNOS: readonly (readonly [code: string, text: string])[] = [
  ['LIBELF', 'libelf failed'],
  ['FORMAT', 'the BPF object file has a wrong format'],
  ['KVERSION', 'the version section is incorrect or missing'],
  ['ENDIAN', 'the byte order of the object file differs from the machine’s'],
  ['INTERNAL', 'internal error in libbpf'],
  ['RELOC', 'a relocation failed'],
  ['LOAD', 'a program failed to load for an unknown reason'],
  ['VERIFY', 'the verifier rejected the program'],
  ['PROG2BIG', 'the program is too big'],
  ['KVER', 'incorrect kernel version'],
  ['PROGTYPE', 'the kernel does not know this program type'],
  ['WRNGPID', 'wrong pid in a netlink message'],
  ['INVSEQ', 'wrong sequence number in a netlink message'],
  ['NLPARSE', 'a netlink message could not be parsed'],
]

/** Numbers that bpf(2) and libbpf return but Node's own table leaves out (asm-generic/errno.h, linux/errno.h). */
const KERNEL_ONLY: Readonly<Record<number, readonly [code: string, text: string]>> = {
  524: ['ENOTSUPP', 'operation is not supported'],
}

/** Second names of EAGAIN and EOPNOTSUPP, which the man pages of bpf(2) and the kernel do not use. */
const SECOND_NAMES: ReadonlySet<string> = new Set(['EWOULDBLOCK', 'ENOTSUP'])

const codes = new Map<number, string>(
  Object.entries(constants.errno)
    .filter(([code]) => !SECOND_NAMES.has(code))
    .map(([code, errno]) => [errno, code]),
)

/**
 * The symbolic name of an error number, for example `EPERM` for 1.
 * @param errno positive or negative; libbpf returns `-errno`
 */
export function errnoCode(errno: number): string {
  const n = Math.abs(errno)
  const own = LIBBPF_ERRNOS[n - LIBBPF_ERRNO_START]
  if (own) return `LIBBPF_ERRNO__${own[0]}`
  return KERNEL_ONLY[n]?.[0] ?? codes.get(n) ?? `errno ${n}`
}

/** What an error number means, in words: `operation not permitted` for 1. */
export function errnoText(errno: number): string {
  const n = Math.abs(errno)
  const own = LIBBPF_ERRNOS[n - LIBBPF_ERRNO_START] ?? KERNEL_ONLY[n]
  return own?.[1] ?? getSystemErrorMap().get(-n)?.[1] ?? `unknown error ${n}`
}

/** The error number of a symbolic name; throws for a name the system does not have. */
export function errnoOf(code: string): number {
  const own = LIBBPF_ERRNOS.findIndex(([name]) => `LIBBPF_ERRNO__${name}` === code)
  if (own >= 0) return LIBBPF_ERRNO_START + own
  if (code === 'ENOTSUPP') return 524
  const errno = (constants.errno as Readonly<Record<string, number>>)[code]
  if (errno === undefined) throw new RangeError(`no error number is called ${code}`)
  return errno
}
