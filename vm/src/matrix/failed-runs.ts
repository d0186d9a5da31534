import type { LabResult } from './judge.ts'

/** The projects whose `test` nx lists as failed, at the end of all that it prints. */
export function failedRuns(lines: readonly string[]): Set<string> {
  const start = lines.findLastIndex((line) => line.trim() === 'Failed tasks:')
  const list = start === -1 ? [] : lines.slice(start)
  return new Set(list.flatMap((line) => /^- ([^\s:]+):test$/.exec(line.trim())?.[1] ?? []))
}

/**
 * A lab's result together with how its run ended: where no test failed, something was left behind by a file, thrown outside of a
 * test, or it was the machine that failed, and the list of tests has none of it.
 */
export function withRun(result: LabResult, runs: ReadonlySet<string>): LabResult {
  if (result.failed.length > 0 || !runs.has(result.lab)) return result
  const message = 'no test of it failed, and yet their run did: see what was printed'
  return { ...result, failed: [{ test: 'the run of its tests', message }] }
}
