import type { LabResult } from './judge.ts'
import type { KernelVersion } from './versions.ts'

/** All that a run of the matrix found out. */
export interface MatrixReport {
  /** When it began, ISO 8601. */
  readonly date: string
  readonly seconds: number
  readonly kernels: readonly KernelVersion[]
  readonly programs: Readonly<Record<string, string>>
  readonly results: readonly LabResult[]
}

/** Whether anything failed. */
export const hasFailure = ({ results }: MatrixReport): boolean =>
  results.some(({ failed }) => failed.length > 0)

const column = ({ series, arch }: { series: string; arch: string }): string => `${series}/${arch}`

/** The table's rows: one for each lab, with one text for each kernel. */
function rows({ kernels, results }: MatrixReport): string[][] {
  const labs = [...new Set(results.map(({ lab }) => lab))]
  return labs.map((lab) => [
    lab,
    ...kernels.map((kernel) => {
      const of = (result: LabResult): boolean =>
        result.lab === lab && column(result) === column(kernel)
      return cellText(results.find(of))
    }),
  ])
}

function cellText(result: LabResult | undefined): string {
  if (!result) return ''
  const { passed, skipped, failed } = result
  if (failed.length > 0) return `✗ ${failed.length}`
  return skipped.length > 0 ? `✓ ${passed} –${skipped.length}` : `✓ ${passed}`
}

const legend = '✓ 20 –2: 20 tests passed, 2 were skipped. ✗ 3: 3 failed.'

/** A lab's skips, those of a suite that have the same reason as one. */
function skips({ lab, skipped }: LabResult): string[] {
  const named = skipped.map(({ test, reason }) => {
    // The reason's end names the kernel, and the list of kernels says as much.
    const title = test.replace(/ \(needs [^()]+\)/, '')
    const suite = title.slice(0, title.lastIndexOf(' > '))
    return { title, suite, reason: reason.replace(/, this .*/, '') }
  })
  const groups = Map.groupBy(named, ({ suite, reason }) => `${suite}\n${reason}`)
  return [...groups.values()].flatMap((group) => {
    const [{ suite, reason } = { suite: '', reason: '' }] = group
    if (group.length > 3) return `${lab}: ${suite}: ${group.length} tests\n${reason}`
    return group.map(({ title }) => `${lab}: ${title}\n${reason}`)
  })
}

/** What is skipped or failed, each with the kernels where that is so. */
function details(report: MatrixReport, kind: 'skipped' | 'failed'): string[] {
  const where = new Map<string, string[]>()
  for (const result of report.results) {
    const found =
      kind === 'failed'
        ? result.failed.map(({ test, message }) => `${result.lab}: ${test}\n${message}`)
        : skips(result)
    for (const text of found) where.set(text, [...(where.get(text) ?? []), column(result)])
  }
  return [...where].map(([text, columns]) => `${columns.join(', ')}: ${text}`)
}

/** The report for a terminal. */
export function asText(report: MatrixReport): string {
  const { kernels } = report
  const table = [
    ['', ...kernels.map(({ arch }) => arch)],
    ['', ...kernels.map(({ series }) => series)],
    ...rows(report),
  ]
  const widths = table[0]!.map((_, at) => Math.max(...table.map((row) => row[at]!.length)))
  const lines = table.map((row) => row.map((text, at) => text.padEnd(widths[at]!)).join('  '))
  const section = (title: string, entries: string[]): string[] =>
    entries.length > 0
      ? ['', title, ...entries.map((entry) => `  ${entry.replaceAll('\n', '\n    ')}`)]
      : []
  return [
    ...lines.map((line) => line.trimEnd()),
    '',
    legend,
    ...section('Skipped:', details(report, 'skipped')),
    ...section('Failed:', details(report, 'failed')),
  ].join('\n')
}

/** The report as a Markdown page. */
export function asMarkdown(report: MatrixReport): string {
  const { date, kernels, programs } = report
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const item = (entry: string): string => `- ${entry.replaceAll('\n', '\n  ')}`
  const list = (title: string, entries: string[]): string[] =>
    entries.length > 0 ? ['', `## ${title}`, '', ...entries.map(item)] : []
  const failures = report.results.reduce((sum, { failed }) => sum + failed.length, 0)
  const verdict =
    failures === 0
      ? 'Yes: on each of these kernels, all that the kernel can do works as the labs say.'
      : `Not everywhere: ${failures} test${failures > 1 ? 's' : ''} failed.`
  return [
    '# Does the book still hold?',
    '',
    `${verdict} Every lab's tests were run on ${date.slice(0, 10)}; ${legend}`,
    '',
    row(['', ...kernels.map(column)]),
    row(['---', ...kernels.map(() => '---')]),
    ...rows(report).map(row),
    ...list('Failed', details(report, 'failed')),
    ...list('Skipped', details(report, 'skipped')),
    '',
    '## What it was run with',
    '',
    row(['kernel', 'release', 'Debian', 'packages']),
    row(['---', '---', '---', '---']),
    ...kernels.map((kernel) =>
      row([column(kernel), kernel.release, kernel.suite, kernel.packages.join(', ')]),
    ),
    '',
    ...Object.entries(programs).map(([name, version]) => `- ${name} ${version}`),
    '',
  ].join('\n')
}
