import { BpfError } from '../errors/bpf-error.ts'
import { VerifierError } from '../errors/verifier-error.ts'
import { errnoCode } from '../errors/errno.ts'
import type { BpfAttr } from './attr.ts'
import { bpf, logText, tryBpf } from './bpf.ts'
import { Fd } from './fd.ts'
import { hintFor } from './hints.ts'

/** Largest log buffer the kernel takes (kernel/bpf/log.c: UINT_MAX >> 2). */
const MAX_LOG_SIZE = 0x3fff_ffff
const FIRST_LOG_SIZE = 1 << 16

/** The log that bpf(BPF_PROG_LOAD) or bpf(BPF_BTF_LOAD) left behind. */
export interface Loaded {
  /** The new object. */
  readonly fd: Fd
  /** The verifier's log; empty unless asked for with `log_level`. */
  readonly log: string
}

/**
 * Loads a program with BPF_PROG_LOAD; `insn_cnt` and the log buffer are filled in. A program that is
 * refused without a log is loaded once more with one, and the log buffer grows until the log fits.
 *
 * @throws VerifierError with the whole log when the verifier rejects it
 * @throws BpfError when the kernel refuses it for another reason
 */
export function progLoad(attr: BpfAttr<'BPF_PROG_LOAD'>): Loaded {
  const name = attr.prog_name ?? '(no name)'
  const insns = attr.insns
  const base = {
    license: 'GPL',
    ...(ArrayBuffer.isView(insns) ? { insn_cnt: insns.byteLength / 8 } : {}),
    ...attr,
  }
  const level = numeric(attr.log_level)
  const first =
    level === 0 ? { result: tryBpf('BPF_PROG_LOAD', base), log: '' } : logged(base, level)
  if (first.result >= 0) return { fd: new Fd(first.result, `program '${name}'`), log: first.log }
  const { result, log } = level === 0 ? logged(base, 1) : first
  if (result >= 0) return { fd: new Fd(result, `program '${name}'`), log }
  const errno = -result
  if (log !== '') throw new VerifierError({ program: name, log, errno })
  const hint = hintFor('BPF_PROG_LOAD', errno)
  throw new BpfError({ operation: 'load program', subject: name, errno, hint })
}

/** Loads with a log buffer, a larger one each time the log does not fit. */
function logged(base: BpfAttr<'BPF_PROG_LOAD'>, level: number): { result: number; log: string } {
  for (let size = FIRST_LOG_SIZE; ; size = Math.min(size * 8, MAX_LOG_SIZE)) {
    const log_buf = new Uint8Array(size)
    const attr = { ...base, log_level: level, log_size: size, log_buf }
    const result = tryBpf('BPF_PROG_LOAD', attr)
    const full = result < 0 && errnoCode(result) === 'ENOSPC'
    if (!full || size === MAX_LOG_SIZE) return { result, log: logText(log_buf) }
  }
}

/**
 * Loads BTF with BPF_BTF_LOAD; a refusal carries the kernel's log.
 *
 * @throws BpfError with the last line of the log
 */
export function btfLoad(btf: Uint8Array): Fd {
  const result = tryBpf('BPF_BTF_LOAD', { btf, btf_size: btf.byteLength })
  if (result >= 0) return new Fd(result, 'BTF')
  const log = new Uint8Array(FIRST_LOG_SIZE)
  const again = tryBpf('BPF_BTF_LOAD', {
    btf,
    btf_size: btf.byteLength,
    btf_log_level: 1,
    btf_log_size: log.length,
    btf_log_buf: log,
  })
  if (again >= 0) return new Fd(again, 'BTF')
  const problem = logText(log).trim().split('\n').at(-1)
  throw new BpfError({
    operation: 'load BTF',
    errno: -result,
    problem: problem === '' ? undefined : problem,
    hint: hintFor('BPF_BTF_LOAD', -result),
  })
}

/**
 * Creates a map with BPF_MAP_CREATE.
 *
 * @throws BpfError when the kernel refuses it
 */
export function mapCreate(attr: BpfAttr<'BPF_MAP_CREATE'>): Fd {
  return new Fd(bpf('BPF_MAP_CREATE', attr), `map '${attr.map_name ?? '(no name)'}'`)
}

function numeric(value: unknown): number {
  return typeof value === 'number' ? value : 0
}
