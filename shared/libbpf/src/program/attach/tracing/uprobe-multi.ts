import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { functionOffsets } from '../../../elf/function-offsets.ts'
import { BpfError } from '../../../errors/bpf-error.ts'
import { closest } from '../../../errors/closest.ts'
import { opts, u64Array, u8, word } from '../../../ffi/c-struct.ts'
import { bindLibbpf } from '../../../ffi/libbpf.ts'
import type { Pointer } from '../../../ffi/library.ts'
import { checkI32 } from '../../../ffi/range.ts'
import type { Link } from '../../../link/link.ts'
import { attach } from '../attempt.ts'
import type { Attachable } from '../attempt.ts'
import { didYouMean } from './explain-names.ts'
import { findFile } from './find-file.ts'
import { checkCookies, describe, split } from './multi.ts'
import type { KprobeTargets, MultiOptions, Targets } from './multi.ts'
import { explainUprobe } from './uprobe.ts'

const bpf_program__attach_uprobe_multi = bindLibbpf<
  (program: bigint, pid: number, path: string, pattern: string | null, opts: Uint8Array) => Pointer
>(
  'void *bpf_program__attach_uprobe_multi(const void *, int, const char *, const char *, const void *)',
)

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
  const { pid = -1 } = options
  checkI32(pid, 'set pid of uprobe', program.name)
  const hook = `uprobe.multi ${path}:${describe(functions)}`
  const file = findFile(path)
  const { count, ...targets } = located(split(functions), { file, hook, program: program.name })
  checkCookies(program, options, count)
  // bpf/libbpf.h, struct bpf_uprobe_multi_opts
  const multiOpts = opts(56, [
    [word(16), targets.numbers && u64Array(targets.numbers)],
    [word(24), options.refCtrOffsets && u64Array(options.refCtrOffsets)],
    [word(32), options.cookies && u64Array(options.cookies)],
    [word(40), count],
    [u8(48), options.retprobe],
    [u8(49), options.session],
  ])
  return attach(program, {
    hook,
    types: ['kprobe'],
    call: (native) =>
      bpf_program__attach_uprobe_multi(native, pid, file, targets.pattern ?? null, multiOpts),
    explain: (code) =>
      code === 'EINVAL'
        ? { hint: 'The program must be loaded for it: SEC("uprobe.multi"), on Linux 6.6 or later.' }
        : explainUprobe(code, path, describe(functions)),
  })
}

/** What is to be attached to what. */
interface Where {
  file: string
  hook: string
  program: string
}

/**
 * Turns names into offsets in the file. libbpf does so, too, but finds none in a file that was stripped, as the C library is: to miss
 * one of two tables of symbols counts as an error there (libbpf 1.7, elf.c, elf_resolve_syms_offsets).
 * @throws BpfError with the names that are not there
 */
function located(targets: Targets, where: Where): Targets {
  const { names, count } = targets
  if (names === undefined) return targets
  const offsets = functionOffsets(read(where))
  const missing = names.filter((name) => !offsets.has(name))
  if (missing.length === 0) return { numbers: names.map((name) => offsets.get(name) ?? 0n), count }
  const similar = missing.flatMap((name) => closest(name, offsets.keys(), 1))
  throw failure(where, {
    problem: `the file has no function called ${missing.map((name) => `'${name}'`).join(', ')}`,
    hint: `${didYouMean(similar)}Look with: nm -D ${where.file}. Stripped programs show only what they export.`,
  })
}

function read(where: Where): Uint8Array {
  try {
    return readFileSync(where.file)
  } catch (cause) {
    const kind = where.file.includes('/') ? 'file' : 'program or library called'
    // Negative; undefined if Node itself refuses, as it does with a file of over 2 GiB.
    const errno = cause instanceof Error && 'errno' in cause ? Number(cause.errno) : undefined
    const missing = errno === -constants.errno.ENOENT
    const problem = missing ? `there is no ${kind} ${where.file}` : `cannot read ${where.file}`
    throw failure(where, { problem, cause, errno })
  }
}

function failure(
  { hook, program: subject }: Where,
  why: { problem: string; hint?: string; cause?: unknown; errno?: number | undefined },
): BpfError {
  const { ENOENT: errno } = constants.errno
  return new BpfError({ operation: 'attach program', subject, target: `to ${hook}`, errno, ...why })
}
