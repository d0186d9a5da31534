/** How one test ended. */
export interface TestOutcome {
  /** File, suites and title, joined by ` > `. */
  readonly name: string
  readonly status: 'passed' | 'failed' | 'skipped'
  /** What the failure says. */
  readonly message: string
}

const line = /^(ok|not ok) \d+ - (.*?)(?: # (SKIP|TODO|time=\S+)(?: .*)?)?$/

/**
 * The tests that a run reported as flat TAP version 13, which https://testanything.org specifies.
 * @returns undefined if there is no report, or it ends before its plan is fulfilled
 */
export function parseTap(lines: readonly string[]): TestOutcome[] | undefined {
  const start = lines.indexOf('TAP version 13')
  const planned = /^1\.\.(\d+)$/.exec(lines[start + 1] ?? '')?.[1]
  if (start === -1 || planned === undefined) return undefined
  const tests: TestOutcome[] = []
  for (const [index, text] of lines.entries()) {
    const [, verdict, name, directive] = (index > start && line.exec(text)) || []
    if (verdict === undefined || name === undefined) continue
    const skipped = directive === 'SKIP' || directive === 'TODO'
    tests.push({
      name: name.replaceAll('\\#', '#'),
      status: skipped ? 'skipped' : verdict === 'ok' ? 'passed' : 'failed',
      message: verdict === 'ok' ? '' : messageAfter(lines, index),
    })
  }
  return tests.length === Number(planned) ? tests : undefined
}

/** The first line of the `message` in the YAML block behind a failed test. */
function messageAfter(lines: readonly string[], index: number): string {
  const block = lines.slice(index + 1, index + 6)
  const message = block.map((text) => /^\s+message: "(.*?)"?$/.exec(text)?.[1]).find(Boolean)
  return message ?? ''
}
