import type { Pointer } from '../../../ffi/library.ts'
import { bindLibbpf } from '../../../ffi/libbpf.ts'
import { checkI32 } from '../../../ffi/range.ts'
import type { Link } from '../../../link/link.ts'
import { attach } from '../attempt.ts'
import type { Attachable } from '../attempt.ts'
import { cookieOpts } from './tracepoint.ts'
import type { CookieOption } from './tracepoint.ts'

const bpf_program__attach_usdt = bindLibbpf<
  (
    program: bigint,
    pid: number,
    path: string,
    provider: string,
    name: string,
    opts: Uint8Array,
  ) => Pointer
>(
  'void *bpf_program__attach_usdt(const void *, int, const char *, const char *, const char *, const void *)',
)

/** In which processes a USDT probe fires. */
export interface UsdtOptions extends CookieOption {
  /** Only in this process; -1 or nothing for all, 0 for this process itself. */
  pid?: number
}

/** Attaches to a tracepoint that a program's author put into it (`<sys/sdt.h>`). */
export function attachUsdt(
  program: Attachable,
  path: string,
  [provider, name]: readonly [provider: string, name: string],
  options: UsdtOptions = {},
): Link {
  const { pid = -1 } = options
  checkI32(pid, 'set pid of USDT probe', program.name)
  const withCookie = cookieOpts(options, program.name)
  return attach(program, {
    hook: `usdt ${path}:${provider}:${name}`,
    types: ['kprobe'],
    composite: true,
    call: (native) => bpf_program__attach_usdt(native, pid, path, provider, name, withCookie),
    explain: (code) =>
      code === 'ENOENT'
        ? {
            problem: `${path} has no such probe`,
            hint: `Look with: readelf --notes ${path} | grep -A2 stapsdt`,
          }
        : undefined,
  })
}
