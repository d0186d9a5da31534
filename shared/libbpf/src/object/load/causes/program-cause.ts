import { BpfError } from '../../../errors/bpf-error.ts'
import { errnoCode } from '../../../errors/errno.ts'
import { UnsupportedError } from '../../../errors/unsupported-error.ts'
import { libbpfCause } from '../../../ffi/print.ts'
import { probeProgramType } from '../../../probe/program-types.ts'
import { PROGRAM_TYPES } from '../../../program/program-types.ts'
import { permissionHint } from '../../../raw/hints.ts'
import type { LoadFailure } from './load-error.ts'

const FAILED = /prog '([^']+)': (?:BPF program load failed|failed to load)/

/** No privilege; the verifier's log would have something to say otherwise. */
export function privilegeCause(_words: string, failure: LoadFailure): BpfError | undefined {
  const code = errnoCode(failure.errno)
  if ((code !== 'EPERM' && code !== 'EACCES') || failure.logs.size > 0) return undefined
  return new BpfError({
    operation: 'load object',
    subject: failure.object,
    errno: failure.errno,
    hint: permissionHint(),
    cause: libbpfCause(failure.messages),
  })
}

/** A program type that the kernel does not know: EINVAL without a word from the verifier. */
export function programTypeCause(words: string, failure: LoadFailure): BpfError | undefined {
  const [, name] = FAILED.exec(words) ?? []
  const program = failure.programs.find((spec) => spec.name === name)
  const type = PROGRAM_TYPES.find((known) => known === program?.type)
  if (!program || failure.logs.size > 0) return undefined
  const { supported, needs } = type
    ? probeProgramType(type)
    : { supported: false, needs: undefined }
  if (supported) return undefined
  return new UnsupportedError({
    operation: 'load program',
    subject: program.name,
    errno: failure.errno,
    feature: `program type ${program.type}`,
    needs: { kernel: needs },
    cause: libbpfCause(failure.messages),
  })
}
