import { BpfError } from '../../../errors/bpf-error.ts'
import { errnoCode } from '../../../errors/errno.ts'
import { VerifierError } from '../../../errors/verifier-error.ts'
import { libbpfCause } from '../../../ffi/print.ts'
import type { LibbpfMessage } from '../../../ffi/print.ts'
import type { ProgramSpec } from '../../../program/program-spec.ts'
import type { MapSpec } from '../../map-spec.ts'
import { btfCause } from './btf-cause.ts'
import { coreCause } from './core-cause.ts'
import { externCause } from './extern-cause.ts'
import { mapCause } from './map-cause.ts'
import { privilegeCause, programTypeCause } from './program-cause.ts'
import { targetCause } from './target-cause.ts'

/** A failed load. */
export interface LoadFailure {
  object: string
  programs: readonly ProgramSpec[]
  maps: readonly MapSpec[]
  /** BTF file that was given instead of the kernel's. */
  btf: string | undefined
  /** Negative error number. */
  errno: number
  messages: readonly LibbpfMessage[]
  /** Verifier logs by program; empty ones left out. */
  logs: ReadonlyMap<string, string>
}

/** Recognises one cause of a failed load in what libbpf said. */
export type FindCause = (words: string, failure: LoadFailure) => BpfError | undefined

/** In this order: what says more precisely what is wrong comes first. */
const CAUSES: readonly FindCause[] = [
  mapCause,
  targetCause,
  externCause,
  btfCause,
  privilegeCause,
  coreCause,
  programTypeCause,
]

const LOG = /prog '([^']+)': -- BEGIN PROG LOAD LOG --\n([\s\S]*?)\n?-- END PROG LOAD LOG --/

/** Verifier logs among what libbpf printed, by program. */
export function verifierLogs(messages: readonly LibbpfMessage[]): Map<string, string> {
  const logs = new Map<string, string>()
  for (const { text } of messages) {
    const [, program, log] = LOG.exec(text) ?? []
    if (program !== undefined && log) logs.set(program, log)
  }
  return logs
}

/** The error for a failed load: a known cause, the verifier's verdict, or libbpf's own words. */
export function loadError(failure: LoadFailure): BpfError {
  const words = failure.messages
    .filter(({ level, text }) => level === 'warn' && !LOG.test(text))
    .map(({ text }) => text)
    .join('')
  for (const cause of CAUSES) {
    const error = cause(words, failure)
    if (error) return error
  }
  const [rejected] = failure.logs
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
