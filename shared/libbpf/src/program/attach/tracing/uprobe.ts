import { existsSync } from 'node:fs'
import type { Pointer } from '../../../ffi/library.ts'
import { opts, u64, u8, word } from '../../../ffi/c-struct.ts'
import { bindLibbpf } from '../../../ffi/libbpf.ts'
import { checkI32, checkRange, checkU64 } from '../../../ffi/range.ts'
import type { Link } from '../../../link/link.ts'
import type { Cause } from '../attach-error.ts'
import { attach } from '../attempt.ts'
import type { Attachable } from '../attempt.ts'
import type { CookieOption } from './tracepoint.ts'

const bpf_program__attach_uprobe_opts = bindLibbpf<
  (program: bigint, pid: number, path: string, offset: number, opts: Uint8Array) => Pointer
>('void *bpf_program__attach_uprobe_opts(const void *, int, const char *, size_t, const void *)')

/** Where in a file a uprobe goes, and in which processes. */
export interface UprobeOptions extends CookieOption {
  /** Name of the function; `name@VERSION` for one of several versions in a library. */
  function?: string
  /** Bytes after the function's start, or offset in the file without a function. */
  offset?: number
  /** Only in this process; -1 or nothing for all, 0 for this process itself. */
  pid?: number
  /** Fires when the function returns instead of when it is called. */
  retprobe?: boolean
}

// bpf/libbpf.h, struct bpf_uprobe_opts
const SIZE = 48
const bpf_cookie = u64(16)
const retprobe = u8(24)
const func_name = word(32)

export function attachUprobe(program: Attachable, path: string, options: UprobeOptions): Link {
  const { pid = -1, offset = 0, cookie } = options
  checkI32(pid, 'set pid of uprobe', program.name)
  checkRange(offset, [0, Number.MAX_SAFE_INTEGER], 'set offset of uprobe', program.name)
  if (cookie !== undefined) checkU64(cookie, 'set cookie of uprobe', program.name)
  const uprobeOpts = opts(SIZE, [
    [bpf_cookie, cookie],
    [retprobe, options.retprobe],
    [func_name, options.function],
  ])
  const where = options.function ?? `offset ${offset}`
  return attach(program, {
    hook: `${options.retprobe ? 'uretprobe' : 'uprobe'} ${path}:${where}`,
    types: ['kprobe'],
    call: (native) => bpf_program__attach_uprobe_opts(native, pid, path, offset, uprobeOpts),
    explain: (code) => explainUprobe(code, path, options.function),
  })
}

/** Why a function of a file cannot be probed. */
export function explainUprobe(
  code: string,
  path: string,
  name: string | undefined,
): Cause | undefined {
  if (code === 'ESRCH' && name === undefined) return { problem: 'there is no such process' }
  if (code !== 'ENOENT' && code !== 'ESRCH') return undefined
  if (path.includes('/') && !existsSync(path)) return { problem: `there is no file ${path}` }
  if (name === undefined) return { problem: `there is no program or library called ${path}` }
  return {
    problem: `the file has no function called '${name}'`,
    hint: `Look with: nm -D ${path}. Stripped programs show only what they export.`,
  }
}
