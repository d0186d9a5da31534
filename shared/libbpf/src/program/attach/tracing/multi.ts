import type { Pointer } from '../../../ffi/library.ts'
import { cStringArray, opts, u64Array, u8, word } from '../../../ffi/c-struct.ts'
import { bindLibbpf } from '../../../ffi/libbpf.ts'
import { BpfError } from '../../../errors/bpf-error.ts'
import { checkU64 } from '../../../ffi/range.ts'
import type { Link } from '../../../link/link.ts'
import type { Cause } from '../attach-error.ts'
import { attach } from '../attempt.ts'
import type { Attachable } from '../attempt.ts'
import { didYouMean, kernelFunctions } from './explain-names.ts'
import { closest } from '../../../errors/closest.ts'

const bpf_program__attach_kprobe_multi_opts = bindLibbpf<
  (program: bigint, pattern: string | null, opts: Uint8Array) => Pointer
>('void *bpf_program__attach_kprobe_multi_opts(const void *, const char *, const void *)')
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

/** Attaches to many kernel functions with one link (Linux 5.18; arm64 6.14). */
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

/** What `KprobeTargets` may be, told apart. */
export interface Targets {
  pattern?: string
  names?: readonly string[]
  numbers?: readonly bigint[]
  /** How many, if they are listed; 0 for a pattern. */
  count: number
}

/** Tells apart a pattern, names and addresses. */
export function split(functions: KprobeTargets): Targets {
  if (typeof functions === 'string') return { pattern: functions, count: 0 }
  const names = functions.filter((item) => typeof item === 'string')
  const numbers = functions.filter((item) => typeof item === 'bigint')
  return names.length > 0 ? { names, count: names.length } : { numbers, count: numbers.length }
}

/** For errors. */
export function describe(functions: KprobeTargets): string {
  if (typeof functions === 'string') return functions
  return functions.length <= 3 ? functions.join(', ') : `${functions.length} functions`
}

/** @throws BpfError unless there are as many cookies as functions */
export function checkCookies(program: Attachable, { cookies }: MultiOptions, count: number): void {
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

function explainKprobeMulti(
  code: string,
  { names = [], pattern }: Omit<Targets, 'count'>,
): Cause | undefined {
  switch (code) {
    case 'EOPNOTSUPP':
    case 'ENOTSUPP':
      return { needs: { feature: 'kprobe.multi', kernel: 'CONFIG_FPROBE=y' } }
    case 'EINVAL':
      return {
        hint: 'The program must be loaded for it: SEC("kprobe.multi"), on Linux 5.18 or later (arm64: 6.14) with CONFIG_FPROBE=y.',
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
