import { LogBuilder } from './builder.ts'
import type { VerifierLog } from './log.ts'
import { parseReport } from './report.ts'

/** Where the report of Linux 7.3 and later begins. */
const REPORT_START = /\n?Verification failed: /

/**
 * Takes a verifier log apart, of any kernel since 4.14 and of any length: one pass over its lines.
 *
 * A log whose beginning is missing (the kernel keeps the end of a log that does not fit) is fine.
 *
 * @see kernel/bpf/verifier.c, kernel/bpf/log.c, and kernel/bpf/diagnostics.c for the report
 */
export function parseVerifierLog(text: string): VerifierLog {
  const at = reportStart(text)
  const builder = new LogBuilder(text)
  const end = at ?? text.length
  let number = 0
  for (let start = 0; start < end; number++) {
    let stop = text.indexOf('\n', start)
    if (stop < 0 || stop > end) stop = end
    builder.line(text.slice(start, stop), number)
    start = stop + 1
  }
  if (at === undefined) return builder.finish(undefined)
  const { report, rest } = parseReport(text.slice(at))
  for (const line of rest) builder.line(line, number++)
  return builder.finish(report)
}

function reportStart(text: string): number | undefined {
  // The report stands near the end: no need to search megabytes for it.
  const tail = Math.max(0, text.length - 262_144)
  const match = REPORT_START.exec(text.slice(tail))
  return match ? tail + match.index : undefined
}
