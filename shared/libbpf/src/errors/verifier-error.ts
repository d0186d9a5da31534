import { BpfError } from './bpf-error.ts'
import { summarizeVerifierLog } from './verifier-summary.ts'

/** The kernel's verifier rejected a program; the message is the verdict, `log` is all of it. */
export class VerifierError extends BpfError {
  override name = 'VerifierError'
  /** Name of the rejected program. */
  readonly program: string
  /** The verifier's whole log; may be megabytes. */
  readonly log: string

  constructor(init: { program: string; log: string; errno?: number; hint?: string | undefined }) {
    super({
      operation: 'load program',
      subject: init.program,
      errno: init.errno,
      problem: `the verifier rejected it: ${summarizeVerifierLog(init.log)}`,
      hint: init.hint ?? 'The whole verifier log is in the error’s `log`.',
    })
    this.program = init.program
    this.log = init.log
  }
}
