import type { Pointer } from '../../../ffi/library.ts'
import { opts, u64 } from '../../../ffi/c-struct.ts'
import { bindLibbpf } from '../../../ffi/libbpf.ts'
import { checkU64 } from '../../../ffi/range.ts'
import type { Link } from '../../../link/link.ts'
import { attach } from '../attempt.ts'
import type { Attachable } from '../attempt.ts'
import { explainTracepoint } from './explain-names.ts'

const bpf_program__attach_tracepoint_opts = bindLibbpf<
  (program: bigint, category: string, name: string, opts: Uint8Array) => Pointer
>(
  'void *bpf_program__attach_tracepoint_opts(const void *, const char *, const char *, const void *)',
)
const bpf_program__attach_raw_tracepoint = bindLibbpf<(program: bigint, name: string) => Pointer>(
  'void *bpf_program__attach_raw_tracepoint(const void *, const char *)',
)
const bpf_program__attach_raw_tracepoint_opts = bindLibbpf<
  (program: bigint, name: string, opts: Uint8Array) => Pointer
>('void *bpf_program__attach_raw_tracepoint_opts(const void *, const char *, const void *)')
/** A value that the program reads with bpf_get_attach_cookie(), to tell its attachments apart. */
export interface CookieOption {
  /** 64 bits of your choice. */
  cookie?: bigint
}

/** An opts struct of a size and a cookie: tracepoint, raw tracepoint, trace, USDT. */
export function cookieOpts({ cookie }: CookieOption, subject: string): Uint8Array {
  if (cookie !== undefined) checkU64(cookie, 'set cookie of program', subject)
  return opts(16, [[u64(8), cookie]])
}

export function attachTracepoint(
  program: Attachable,
  category: string,
  name: string,
  options: CookieOption = {},
): Link {
  const withCookie = cookieOpts(options, program.name)
  return attach(program, {
    hook: `tracepoint ${category}/${name}`,
    types: ['tracepoint'],
    call: (native) => bpf_program__attach_tracepoint_opts(native, category, name, withCookie),
    explain: (code) => (code === 'ENOENT' ? explainTracepoint(category, name) : undefined),
  })
}

export function attachRawTracepoint(
  program: Attachable,
  name: string,
  options: CookieOption = {},
): Link {
  const withCookie = cookieOpts(options, program.name)
  return attach(program, {
    hook: `raw tracepoint ${name}`,
    types: ['raw_tracepoint', 'raw_tracepoint_writable'],
    // The variant with options came with libbpf 1.4; without a cookie the old one does.
    call: (native) =>
      options.cookie === undefined
        ? bpf_program__attach_raw_tracepoint(native, name)
        : bpf_program__attach_raw_tracepoint_opts(native, name, withCookie),
    explain: (code) => (code === 'ENOENT' ? explainTracepoint(undefined, name) : undefined),
  })
}
