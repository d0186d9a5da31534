import type { VerifierLog } from './log.ts'
import type { Verdict } from './reasons/reason.ts'

/** The words for a verdict that is not in the catalogue: the report's own, or the verifier's. */
export function explainReport({ report, reason }: VerifierLog): Verdict {
  if (report) {
    return {
      summary: report.reason === '' ? `${report.category}: ${report.problem}.` : report.reason,
      fix: report.suggestion === '' ? GENERAL : report.suggestion,
    }
  }
  return { summary: `The verifier says: ${reason.at(-1) ?? 'nothing'}.`, fix: GENERAL }
}

const GENERAL =
  'Look at the instruction and the C line it stopped at; the whole log shows how it got there.'
