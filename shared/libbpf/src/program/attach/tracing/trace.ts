import { bindLibbpf } from '../../../ffi/libbpf.ts'
import type { Pointer } from '../../../ffi/library.ts'
import type { Link } from '../../../link/link.ts'
import { attach } from '../attempt.ts'
import type { Attachable } from '../attempt.ts'
import { explainTrace } from './explain-trace.ts'
import { cookieOpts } from './tracepoint.ts'
import type { CookieOption } from './tracepoint.ts'

const bpf_program__attach_trace_opts = bindLibbpf<(program: bigint, opts: Uint8Array) => Pointer>(
  'void *bpf_program__attach_trace_opts(const void *, const void *)',
)
const bpf_program__attach_freplace = bindLibbpf<
  (program: bigint, targetFd: number, name: string) => Pointer
>('void *bpf_program__attach_freplace(const void *, int, const char *)')

/** Attaches a fentry, fexit, fmod_ret, tp_btf or lsm program; to what was decided when it was loaded. */
export function attachTrace(program: Attachable, options: CookieOption = {}): Link {
  const withCookie = cookieOpts(options, program.name)
  return attach(program, {
    hook: program.section ?? 'its attach target',
    types: ['tracing', 'lsm'],
    call: (native) => bpf_program__attach_trace_opts(native, withCookie),
    explain: explainTrace,
  })
}

/** Replaces a global function of another BPF program. */
export function attachFreplace(
  program: Attachable,
  target: { readonly fd: number; readonly name: string },
  name: string,
): Link {
  return attach(program, {
    hook: `function ${name} of '${target.name}'`,
    types: ['ext'],
    call: (native) => bpf_program__attach_freplace(native, target.fd, name),
    explain: (code) =>
      code === 'EINVAL' || code === 'ENOENT' || code === 'ESRCH'
        ? {
            hint: 'The function must be global, not static, of the same prototype, and the program in the kernel with BTF.',
          }
        : undefined,
  })
}
