/** One measure's result, as `--json` prints it. */
export interface Result {
  readonly name: string
  readonly unit: '/s' | 'ms'
  /** Of this package. */
  readonly here: number
  /** Of C on the same libbpf; absent where C has nothing to compare. */
  readonly c: number | undefined
  /** How fast this package is compared with C: 1 is equal, more is faster. */
  readonly ratio: number | undefined
  /** Least ratio, or most milliseconds, that the design asks for. */
  readonly target: number | undefined
  readonly reached: boolean | undefined
}

/** The results as a table that fits 80 columns. */
export function table(results: readonly Result[]): string {
  const rows = results.map(({ name, unit, here, c, ratio, target, reached }) => [
    name,
    c === undefined ? '' : quantity(c, unit),
    quantity(here, unit),
    ratio === undefined ? '' : ratio.toFixed(2),
    target === undefined ? '' : unit === 'ms' ? `≤ ${target} ms` : `≥ ${target}`,
    reached === undefined ? '' : reached ? '✓' : '✗',
  ])
  const head = ['', 'C', 'here', 'ratio', 'target', '']
  const widths = head.map((text, i) => Math.max(text.length, ...rows.map((row) => row[i]!.length)))
  const line = (row: readonly string[]) =>
    row
      .map((text, i) => (i === 0 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!)))
      .join('  ')
      .trimEnd()
  return [head, ...rows].map(line).join('\n')
}

function quantity(value: number, unit: '/s' | 'ms'): string {
  if (unit === 'ms') return `${value.toFixed(1)} ms`
  if (value >= 1e6) return `${(value / 1e6).toFixed(value >= 1e8 ? 0 : 1)}M/s`
  return `${Math.round(value / 1e3)}k/s`
}
