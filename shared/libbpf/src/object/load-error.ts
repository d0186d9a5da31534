import { BpfError } from '../errors/bpf-error.ts'
import { errnoCode } from '../errors/errno.ts'
import { VerifierError } from '../errors/verifier-error.ts'
import { libbpfCause } from '../ffi/print.ts'
import type { LibbpfMessage } from '../ffi/print.ts'
import type { ProgramSpec } from '../program/program-spec.ts'
import { CAUSES } from './load-causes.ts'

/** A failed load. */
export interface LoadFailure {
  object: string
  programs: readonly ProgramSpec[]
  /** Negative error number. */
  errno: number
  messages: readonly LibbpfMessage[]
}

const LOG = /prog '([^']+)': -- BEGIN PROG LOAD LOG --\n([\s\S]*?)\n?-- END PROG LOAD LOG --/

/** Verifier logs among what libbpf printed, by program. */
export function verifierLogs(messages: readonly LibbpfMessage[]): Map<string, string> {
  const logs = new Map<string, string>()
  for (const { text } of messages) {
    const [, program, log] = LOG.exec(text) ?? []
    if (program !== undefined && log !== undefined) logs.set(program, log)
  }
  return logs
}

/** The error for a failed load: the verifier's verdict, a known cause, or libbpf's own words. */
export function loadError(failure: LoadFailure): BpfError {
  const said = failure.messages.filter(({ level }) => level === 'warn').map(({ text }) => text)
  const words = said.filter((text) => !LOG.test(text)).join('')
  for (const cause of CAUSES) {
    const error = cause(words, failure)
    if (error) return error
  }
  const [rejected] = verifierLogs(failure.messages)
  if (rejected) {
    const [program, log] = rejected
    return new VerifierError({ program, log, errno: failure.errno })
  }
  const cause = libbpfCause(failure.messages)
  return new BpfError({
    operation: 'load object',
    subject: failure.object,
    errno: failure.errno,
    problem: cause?.message.split('\n')[0],
    hint: errnoCode(failure.errno) === 'ENOMEM' ? 'The kernel has no memory for it.' : undefined,
    cause,
  })
}
