import { errnoCode } from '../errors/errno.ts'
import type { BpfAttr } from '../raw/attr.ts'
import { logText, tryBpf } from '../raw/bpf.ts'
import { Fd } from '../raw/fd.ts'
import { assemble } from '../raw/insn/assemble.ts'
import { liftMemlock } from '../raw/memlock.ts'

/** How a trial came out: the new object, or the kernel's refusal. Closes the object with itself. */
export interface Trial extends Disposable {
  readonly fd?: Fd
  /** Name of the errno; `OK` on success. */
  readonly code: string
  /** The verifier's log. */
  readonly log: string
}

/** The smallest program: it returns 0. */
export const RETURN_0 = assemble('r0 = 0\nexit')

const LOG_SIZE = 1 << 14

/** Loads a program and says what the kernel answered. */
export function tryLoad(attr: BpfAttr<'BPF_PROG_LOAD'>): Trial {
  liftMemlock()
  const insns = ArrayBuffer.isView(attr.insns) ? attr.insns : RETURN_0
  const log_buf = new Uint8Array(LOG_SIZE)
  const full = {
    license: 'GPL',
    ...attr,
    insns,
    insn_cnt: insns.byteLength / 8,
    log_level: 1,
    log_size: log_buf.length,
    log_buf,
  }
  const result = tryBpf('BPF_PROG_LOAD', full)
  const log = logText(log_buf)
  if (result < 0) return { code: errnoCode(result), log, [Symbol.dispose]: () => undefined }
  const fd = new Fd(result, 'trial program')
  return { fd, code: 'OK', log, [Symbol.dispose]: () => fd.close() }
}

/** Creates a link and says what the kernel answered; the link is closed at once. */
export function tryLink(attr: BpfAttr<'BPF_LINK_CREATE'>): string {
  const result = tryBpf('BPF_LINK_CREATE', attr)
  if (result < 0) return errnoCode(result)
  new Fd(result, 'trial link').close()
  return 'OK'
}

/** Remembers what a function found for each of its keys, for the life of the process. */
export function remembered<K, V>(find: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>()
  return (key) => {
    const old = known.get(key)
    if (old !== undefined) return old
    const found = find(key)
    known.set(key, found)
    return found
  }
}
