import { registerInWords } from './describe.ts'
import type { Explanation } from './explain.ts'
import type { HistoryEntry } from './history.ts'
import type { LogStep } from './log.ts'

/** Lines an explanation takes at most, so that it fits a screen. */
const MAX_LINES = 25
const MAX_HISTORY = 12
const WIDTH = 80

/**
 * An explanation as text of at most 80 columns: what is wrong, where, how it came about, what the kernel
 * said, what to change.
 *
 * @param lines it takes at most; a long history is shortened first
 */
export function formatExplanation(explanation: Explanation, lines = MAX_LINES): string {
  const { summary, fix, at, reason } = explanation
  const before = [...wrap(summary), ...(at ? ['', ...place(at)] : [])]
  const after = [
    '',
    'The verifier says:',
    ...reason.slice(-4).flatMap((line) => wrap(clip(line, 2 * WIDTH), '  ')),
    '',
    'What to change:',
    ...wrap(fix, '  '),
  ]
  const room = Math.min(lines - before.length - after.length, MAX_HISTORY)
  return [...before, ...history(explanation, room), ...after].slice(0, lines).join('\n')
}

function place(step: LogStep): string[] {
  const { source } = step
  const insn = clip(`  instruction ${step.insn}: ${step.text}`, WIDTH)
  if (!source) return [insn]
  const where = source.line === undefined ? '' : `${source.file}:${source.line}  `
  return [clip(`  ${where}${source.code}`, WIDTH), insn]
}

function history({ register, state, history: entries }: Explanation, room: number): string[] {
  if (register === undefined || (entries.length === 0 && !state)) return []
  const now = state ? registerInWords(state) : ''
  const known = now === '' ? '' : ` (${now})`
  const title =
    entries.length === 0
      ? wrap(`${register} is ${now}.`)
      : wrap(`How ${register} came about${known}:`)
  const shown = ['', ...title, ...shorten(entries.map(entryLines), room - 1 - title.length)]
  return shown.length <= room ? shown : []
}

/** All entries; or the first one and as many of the last as there is room for. */
function shorten(entries: readonly string[][], room: number): string[] {
  if (entries.flat().length <= room) return entries.flat()
  const [first = [], ...rest] = entries
  const kept: string[][] = []
  let left = room - first.length - 1
  for (const entry of rest.toReversed()) {
    if (entry.length > left) break
    left -= entry.length
    kept.unshift(entry)
  }
  return [...first, `  … ${rest.length - kept.length} more steps …`, ...kept.flat()]
}

/** The instruction and what was known after it, on one line if that is wide enough. */
function entryLines({ step, register, state, role, taken }: HistoryEntry): string[] {
  const line = step.source?.line === undefined ? `insn ${step.insn}` : `line ${step.source.line}`
  const jump = role === 'check' ? (taken ? ' [jumps]' : ' [goes on]') : ''
  const text = `  ${`${line}:`.padEnd(10)}${step.text}${jump}`
  if (!state) return [clip(text, WIDTH)]
  const known = `; ${register} is ${registerInWords(state)}`
  const both = `${text}  ${known}`
  if (both.length <= WIDTH) return [both]
  return [clip(text, WIDTH), clip(`${' '.repeat(14)}${known}`, WIDTH)]
}

function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`
}

function wrap(text: string, indent = ''): string[] {
  const lines: string[] = []
  let line = indent
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > WIDTH && line.trim() !== '') {
      lines.push(line)
      line = indent
    }
    line += line === indent ? word : ` ${word}`
  }
  return [...lines, line]
}
