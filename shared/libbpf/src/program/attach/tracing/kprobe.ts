import type { Pointer } from '../../../ffi/library.ts'
import { opts, u64, u8, word } from '../../../ffi/c-struct.ts'
import { bindLibbpf } from '../../../ffi/libbpf.ts'
import { checkRange, checkU64 } from '../../../ffi/range.ts'
import type { Link } from '../../../link/link.ts'
import { attach } from '../attempt.ts'
import type { Attachable } from '../attempt.ts'
import { explainKprobe } from './explain-names.ts'
import type { CookieOption } from './tracepoint.ts'

const bpf_program__attach_kprobe_opts = bindLibbpf<
  (program: bigint, name: string, opts: Uint8Array) => Pointer
>('void *bpf_program__attach_kprobe_opts(const void *, const char *, const void *)')
const bpf_program__attach_ksyscall = bindLibbpf<
  (program: bigint, name: string, opts: Uint8Array) => Pointer
>('void *bpf_program__attach_ksyscall(const void *, const char *, const void *)')

/** How a kernel function is probed. */
export interface KprobeOptions extends CookieOption {
  /** Bytes after the function's start; only at its entry, not at its return. */
  offset?: number
  /** Fires when the function returns instead of when it is called. */
  retprobe?: boolean
}

/** Attaches to a kernel function. */
export function attachKprobe(
  program: Attachable,
  name: string,
  { offset = 0, retprobe, cookie }: KprobeOptions = {},
): Link {
  checkRange(offset, [0, Number.MAX_SAFE_INTEGER], 'set offset of kprobe', program.name)
  if (cookie !== undefined) checkU64(cookie, 'set cookie of kprobe', program.name)
  // bpf/libbpf.h, struct bpf_kprobe_opts
  const kprobeOpts = opts(32, [
    [u64(8), cookie],
    [word(16), offset],
    [u8(24), retprobe],
  ])
  return attach(program, {
    hook: `${retprobe ? 'kretprobe' : 'kprobe'} ${name}${offset > 0 ? `+${offset}` : ''}`,
    types: ['kprobe'],
    call: (native) => bpf_program__attach_kprobe_opts(native, name, kprobeOpts),
    explain: (code) => (NOT_FOUND.includes(code) ? explainKprobe(name) : undefined),
  })
}

/** What the kernel says about a function that it does not have or does not let be probed. */
const NOT_FOUND = ['ENOENT', 'ESRCH', 'EINVAL', 'EADDRNOTAVAIL', 'EOPNOTSUPP']

/** Attaches to the kernel's function for a system call, whatever that is called on this machine. */
export function attachKsyscall(
  program: Attachable,
  name: string,
  { retprobe, cookie }: Omit<KprobeOptions, 'offset'> = {},
): Link {
  if (cookie !== undefined) checkU64(cookie, 'set cookie of ksyscall', program.name)
  // bpf/libbpf.h, struct bpf_ksyscall_opts
  const ksyscallOpts = opts(24, [
    [u64(8), cookie],
    [u8(16), retprobe],
  ])
  return attach(program, {
    hook: `${retprobe ? 'kretsyscall' : 'ksyscall'} ${name}`,
    types: ['kprobe'],
    call: (native) => bpf_program__attach_ksyscall(native, name, ksyscallOpts),
    explain: (code) =>
      NOT_FOUND.includes(code) ? explainKprobe(`__${arch()}_sys_${name}`) : undefined,
  })
}

/** How the kernel names this machine in names of system calls. */
function arch(): string {
  return process.arch === 'arm64' ? 'arm64' : 'x64'
}
