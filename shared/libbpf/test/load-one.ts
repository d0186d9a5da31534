/**
 * Loads one program of an object and prints the verifier's log: `node load-one.ts <object> <program> [level]`.
 * The tests run it in a process of its own to take capabilities away from it.
 */
import { VerifierError } from '../src/errors/verifier-error.ts'
import { BpfObject } from '../src/object/bpf-object.ts'

/** The verifier's log, if it rejects the program; undefined if it accepts it. */
export function logOf(object: string, program: string, logLevel = 1): string | undefined {
  using spec = BpfObject.open(object, { logLevel })
  for (const [name, candidate] of Object.entries(spec.programs)) {
    candidate.autoload = name === program
  }
  try {
    using _loaded = spec.load()
    return undefined
  } catch (error) {
    if (error instanceof VerifierError) return error.log
    throw error
  }
}

if (import.meta.main) {
  const [, , object = '', program = '', level = '1'] = process.argv
  process.stdout.write(logOf(object, program, Number(level)) ?? '')
}
