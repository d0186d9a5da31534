import type { ObjectReport, Problem } from './object.ts'

const WIDTH = 80

/** A report as a table for people, at most 80 columns wide: what runs, and below each thing that does not, why. */
export function formatObjectReport({ object, programs, maps }: ObjectReport): string {
  const rows = [
    ...programs.map(({ name, section, runs, problems }) => ({
      name,
      what: section,
      ok: runs,
      problems,
    })),
    ...maps.map(({ name, type, works, problems }) => ({
      name,
      what: `map, ${type}`,
      ok: works,
      problems,
    })),
  ]
  const nameWidth = Math.max(4, ...rows.map(({ name }) => name.length))
  const running = programs.filter(({ runs }) => runs).length
  const lines = [`${object}: ${running} of ${programs.length} programs run on this kernel`, '']
  for (const { name, what, ok, problems } of rows) {
    lines.push(`${ok ? 'yes' : 'NO '}  ${name.padEnd(nameWidth)}  ${what}`.slice(0, WIDTH))
    for (const problem of problems) lines.push(...problemLines(problem))
  }
  return lines.join('\n')
}

function problemLines({ reason, needs }: Problem): string[] {
  const text = needs === undefined ? reason : `${reason}; needs ${needs}`
  const indent = '       '
  const lines: string[] = []
  let line = indent
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > WIDTH && line !== indent) {
      lines.push(line)
      line = indent
    }
    line += line === indent ? word : ` ${word}`
  }
  return [...lines, line]
}
