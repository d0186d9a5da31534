import { explainVerifierLog } from '../verifier/explain.ts'
import type { Explanation } from '../verifier/explain.ts'
import { formatExplanation } from '../verifier/format.ts'
import type { VerifierLog } from '../verifier/log.ts'
import { parseVerifierLog } from '../verifier/parse.ts'
import { BpfError } from './bpf-error.ts'
import { errnoCode } from './errno.ts'

/** Lines of the message without its first, which names the program. */
const MESSAGE_LINES = 24

/**
 * The kernel's verifier rejected a program. The message says in at most 25 lines why, at which C line, how
 * the value in question came about and what to change; `log` is all that the kernel said.
 */
export class VerifierError extends BpfError {
  override name = 'VerifierError'
  /** Name of the rejected program. */
  readonly program: string
  /** The verifier's whole log; may be megabytes. */
  readonly log: string
  /** The log taken apart. */
  readonly parsed: VerifierLog
  /** Why, in words and in parts; undefined when the log gives no reason. */
  readonly explanation: Explanation | undefined
  override readonly errno: number | undefined
  override readonly code: string | undefined

  constructor(init: { program: string; log: string; errno?: number; hint?: string | undefined }) {
    const parsed = parseVerifierLog(init.log)
    const explanation = explainVerifierLog(parsed)
    // The errno is left out of the message: "permission denied" says nothing about the program.
    super({
      operation: 'load program',
      subject: init.program,
      problem: `the verifier rejected it${explanation ? '' : ', and its log gives no reason'}`,
      hint:
        init.hint ??
        (explanation
          ? formatExplanation(explanation, MESSAGE_LINES)
          : 'The whole verifier log is in the error’s `log`.'),
    })
    this.program = init.program
    this.log = init.log
    this.parsed = parsed
    this.explanation = explanation
    this.errno = init.errno === undefined ? undefined : Math.abs(init.errno)
    this.code = init.errno === undefined ? undefined : errnoCode(init.errno)
  }
}
