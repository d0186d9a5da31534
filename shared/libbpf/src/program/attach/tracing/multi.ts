import type { Pointer } from '../../../ffi/library.ts'
import { cStringArray, opts, u64Array, u8, word } from '../../../ffi/c-struct.ts'
import { bindLibbpf } from '../../../ffi/libbpf.ts'
import { BpfError } from '../../../errors/bpf-error.ts'
import { checkI32, checkU64 } from '../../../ffi/range.ts'
import type { Link } from '../../../link/link.ts'
import type { Cause } from '../attach-error.ts'
import { attach } from '../attempt.ts'
import type { Attachable } from '../attempt.ts'
import { didYouMean, kernelFunctions } from './explain-names.ts'
import { closest } from '../../../errors/closest.ts'
import { explainUprobe } from './uprobe.ts'

const bpf_program__attach_kprobe_multi_opts = bindLibbpf<
  (program: bigint, pattern: string | null, opts: Uint8Array) => Pointer
>('void *bpf_program__attach_kprobe_multi_opts(const void *, const char *, const void *)')
const bpf_program__attach_uprobe_multi = bindLibbpf<
  (program: bigint, pid: number, path: string, pattern: string | null, opts: Uint8Array) => Pointer
>(
  'void *bpf_program__attach_uprobe_multi(const void *, int, const char *, const char *, const void *)',
)

/** How many functions are probed at once. */
export interface MultiOptions {
  /** One value for each function, which the program reads with bpf_get_attach_cookie(); not with a pattern. */
  cookies?: readonly bigint[]
  /** Fires when a function returns instead of when it is called. */
  retprobe?: boolean
  /** Fires at both, with a value that lives between them (Linux 6.13 for uprobes, 6.10 for kprobes). */
  session?: boolean
}

/** Kernel functions: a pattern with `*` and `?`, a list of names, or a list of addresses. */
export type KprobeTargets = string | readonly string[] | readonly bigint[]

/** Attaches to many kernel functions with one link (Linux 5.18). */
export function attachKprobeMulti(
  program: Attachable,
  functions: KprobeTargets,
  options: MultiOptions = {},
): Link {
  const { count, ...targets } = split(functions)
  checkCookies(program, options, count)
  // bpf/libbpf.h, struct bpf_kprobe_multi_opts
  const multiOpts = opts(48, [
    [word(8), targets.names && cStringArray(targets.names)],
    [word(16), targets.numbers && u64Array(targets.numbers)],
    [word(24), options.cookies && u64Array(options.cookies)],
    [word(32), count],
    [u8(40), options.retprobe],
    [u8(41), options.session],
  ])
  return attach(program, {
    hook: `kprobe.multi ${describe(functions)}`,
    types: ['kprobe'],
    call: (native) =>
      bpf_program__attach_kprobe_multi_opts(native, targets.pattern ?? null, multiOpts),
    explain: (code) => explainKprobeMulti(code, targets),
  })
}

/** Where in a file many uprobes go, and in which processes. */
export interface UprobeMultiOptions extends MultiOptions {
  /** Only in this process; -1 or nothing for all, 0 for this process itself. */
  pid?: number
  /** For USDT-like probes: offset of each one's semaphore in the file. */
  refCtrOffsets?: readonly bigint[]
}

/** Attaches to many functions of a file with one link (Linux 6.6, libbpf 1.3). */
export function attachUprobeMulti(
  program: Attachable,
  path: string,
  functions: KprobeTargets,
  options: UprobeMultiOptions = {},
): Link {
  const { count, ...targets } = split(functions)
  checkCookies(program, options, count)
  const { pid = -1 } = options
  checkI32(pid, 'set pid of uprobe', program.name)
  // bpf/libbpf.h, struct bpf_uprobe_multi_opts
  const multiOpts = opts(56, [
    [word(8), targets.names && cStringArray(targets.names)],
    [word(16), targets.numbers && u64Array(targets.numbers)],
    [word(24), options.refCtrOffsets && u64Array(options.refCtrOffsets)],
    [word(32), options.cookies && u64Array(options.cookies)],
    [word(40), count],
    [u8(48), options.retprobe],
    [u8(49), options.session],
  ])
  return attach(program, {
    hook: `uprobe.multi ${path}:${describe(functions)}`,
    types: ['kprobe'],
    call: (native) =>
      bpf_program__attach_uprobe_multi(native, pid, path, targets.pattern ?? null, multiOpts),
    explain: (code) =>
      code === 'EINVAL'
        ? { hint: 'The program must be loaded for it: SEC("uprobe.multi"), on Linux 6.6 or later.' }
        : explainUprobe(code, path, describe(functions)),
  })
}

interface Targets {
  pattern?: string
  names?: readonly string[]
  numbers?: readonly bigint[]
}

function split(functions: KprobeTargets): Targets & { count: number } {
  if (typeof functions === 'string') return { pattern: functions, count: 0 }
  const names = functions.filter((item) => typeof item === 'string')
  const numbers = functions.filter((item) => typeof item === 'bigint')
  return names.length > 0 ? { names, count: names.length } : { numbers, count: numbers.length }
}

function describe(functions: KprobeTargets): string {
  if (typeof functions === 'string') return functions
  return functions.length <= 3 ? functions.join(', ') : `${functions.length} functions`
}

function checkCookies(program: Attachable, { cookies }: MultiOptions, count: number): void {
  if (!cookies) return
  for (const cookie of cookies) checkU64(cookie, 'set cookie of program', program.name)
  if (cookies.length === count) return
  throw new BpfError({
    operation: 'attach program',
    subject: program.name,
    expected: `as many cookies as functions, ${count}`,
    got: `${cookies.length}`,
    hint: count === 0 ? 'A pattern takes no cookies: list the functions.' : undefined,
  })
}

function explainKprobeMulti(code: string, { names = [], pattern }: Targets): Cause | undefined {
  switch (code) {
    case 'EOPNOTSUPP':
    case 'ENOTSUPP':
      return { needs: { feature: 'kprobe.multi', kernel: 'CONFIG_FPROBE=y' } }
    case 'EINVAL':
      return {
        hint: 'The program must be loaded for it: SEC("kprobe.multi"), on Linux 5.18 or later with CONFIG_FPROBE=y.',
      }
    case 'ENOENT':
    case 'ESRCH':
    case 'EADDRNOTAVAIL': {
      if (pattern !== undefined) return { problem: `no kernel function matches ${pattern}` }
      const known = kernelFunctions()
      const unknown = names.filter((name) => !known.has(name))
      return {
        problem: unknown.length > 0 ? `no such kernel function: ${unknown.join(', ')}` : undefined,
        hint: `${didYouMean(unknown.flatMap((name) => closest(name, known, 1)))}Functions that can be probed: /sys/kernel/tracing/available_filter_functions`,
      }
    }
    default:
      return undefined
  }
}
