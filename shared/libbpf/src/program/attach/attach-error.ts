import { BpfError } from '../../errors/bpf-error.ts'
import { errnoCode } from '../../errors/errno.ts'
import { UnsupportedError } from '../../errors/unsupported-error.ts'
import { libbpfVersion } from '../../ffi/libbpf.ts'
import type { LibbpfMessage } from '../../ffi/print.ts'
import { libbpfCause } from '../../ffi/print.ts'
import { permissionHint } from '../../raw/hints.ts'

/** A failed attempt to attach. */
export interface Failure {
  program: { readonly name: string; readonly section: string | undefined }
  hook: string
  /** Positive or negative. */
  errno: number
  messages: readonly LibbpfMessage[]
}

/** What a cause found in a failure adds to the error. */
export interface Cause {
  problem?: string | undefined
  hint?: string | undefined
  /** Makes it an UnsupportedError. */
  needs?: { feature: string; kernel?: string; libbpf?: string; have?: string }
}

/** Finds the cause of a failure, where a hook has causes of its own. */
export type Explain = (code: string, failure: Failure) => Cause | undefined

/** The error for a failure to attach, with the cause that the hook or errno tells. */
export function attachError(failure: Failure, explain?: Explain): BpfError {
  const code = errnoCode(failure.errno)
  const found = explain?.(code, failure) ?? common(code, failure)
  const init = {
    operation: 'attach program',
    subject: failure.program.name,
    target: `to ${failure.hook}`,
    errno: failure.errno,
    hint: found?.hint,
    cause: libbpfCause(failure.messages),
  }
  if (found?.needs) {
    const { feature, have, ...needs } = found.needs
    return new UnsupportedError({ ...init, feature, needs, have })
  }
  return new BpfError({ ...init, problem: found?.problem })
}

function common(code: string, failure: Failure): Cause | undefined {
  const text = failure.messages.map((message) => message.text).join('')
  if (text.includes('non-zero extra bytes')) {
    return {
      needs: {
        feature: 'one of the options given',
        libbpf: 'newer',
        have: `libbpf ${libbpfVersion().text}`,
      },
    }
  }
  switch (code) {
    case 'EPERM':
    case 'EACCES':
      return { hint: permissionHint() }
    case 'EBUSY':
      return { hint: 'Something else is attached there. Look with: bpftool link list' }
    case 'EEXIST':
      return { hint: 'This program, or one in its place, is attached there already.' }
    case 'ENOTSUPP':
    case 'EOPNOTSUPP':
      return { problem: 'this kernel does not have the hook, or not for this target' }
    case 'ENOSPC':
    case 'EMFILE':
      return { hint: 'Raise the limit of open files (ulimit -n) or close other links.' }
    case 'EINVAL':
      return {
        hint: 'The kernel is too old for this hook, or the program was loaded for another attach type.',
      }
    default:
      return undefined
  }
}
