import { BpfError } from '../errors/bpf-error.ts'
import { errnoCode } from '../errors/errno.ts'
import { libbpfCause } from '../ffi/print.ts'
import { permissionHint } from '../raw/hints.ts'
import type { LoadFailure } from './load-error.ts'

/** Recognises one cause of a failed load in libbpf's words. */
type FindCause = (words: string, failure: LoadFailure) => BpfError | undefined

const privilege: FindCause = (_words, failure) => {
  const code = errnoCode(failure.errno)
  if (code !== 'EPERM' && code !== 'EACCES') return undefined
  if (
    code === 'EACCES' &&
    failure.messages.some(({ text }) => text.includes('BEGIN PROG LOAD LOG'))
  ) {
    return undefined // the verifier says EACCES for most of what it rejects
  }
  return new BpfError({
    operation: 'load object',
    subject: failure.object,
    errno: failure.errno,
    hint: permissionHint(),
    cause: libbpfCause(failure.messages),
  })
}

/** Causes in the order in which they are looked for. */
export const CAUSES: readonly FindCause[] = [privilege]
