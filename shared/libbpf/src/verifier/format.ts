import { registerInWords } from './describe.ts'
import type { Explanation } from './explain.ts'
import type { HistoryEntry } from './history.ts'
import type { LogStep } from './log.ts'

/** Lines an explanation takes at most, so that it fits a screen. */
const MAX_LINES = 25
const MAX_HISTORY = 6
const WIDTH = 78

/**
 * An explanation as text of at most 25 lines: what is wrong, where, how it came about, what the kernel
 * said, what to change.
 */
export function formatExplanation(explanation: Explanation): string {
  return [...wrap(explanation.summary), ...details(explanation)].slice(0, MAX_LINES).join('\n')
}

/** The same without its first sentence, for an error message that has it already. */
export function formatDetails(explanation: Explanation): string {
  return details(explanation)
    .slice(0, MAX_LINES - 2)
    .join('\n')
}

function details(explanation: Explanation): string[] {
  const { fix, at, reason } = explanation
  return [
    ...(at ? ['', ...place(at)] : []),
    ...history(explanation),
    '',
    'The verifier says:',
    ...reason.slice(-4).map((line) => `  ${clip(line, 120)}`),
    '',
    'What to change:',
    ...wrap(fix, '  '),
  ]
}

function place(step: LogStep): string[] {
  const { source } = step
  const insn = `instruction ${step.insn}: ${step.text}`
  if (!source) return [`  ${clip(insn, WIDTH - 2)}`]
  const where = source.line === undefined ? '' : `${source.file}:${source.line}  `
  return [`  ${where}${clip(source.code, WIDTH)}`, `  ${clip(insn, WIDTH - 2)}`]
}

function history({ register, state, history: entries }: Explanation): string[] {
  if (register === undefined || (entries.length === 0 && !state)) return []
  const now = state ? registerInWords(state) : ''
  if (entries.length === 0) return ['', ...wrap(`${register} is ${now}.`)]
  const shown =
    entries.length <= MAX_HISTORY
      ? entries
      : [...entries.slice(0, 1), ...entries.slice(1 - MAX_HISTORY)]
  const skipped = entries.length - shown.length
  const lines: string[] = []
  for (const [index, entry] of shown.entries()) {
    lines.push(entryLine(entry))
    if (index === 0 && skipped > 0) lines.push(`  … ${skipped} more steps …`)
  }
  const title = `How ${register} came about${now === '' ? '' : ` (${now})`}:`
  return ['', ...wrap(title), ...lines]
}

function entryLine({ step, register, state, role, taken }: HistoryEntry): string {
  const line = step.source?.line === undefined ? `insn ${step.insn}` : `line ${step.source.line}`
  const jump = role === 'check' ? (taken ? ' [jumps]' : ' [goes on]') : ''
  const known = state ? `  ; ${register} is ${registerInWords(state)}` : ''
  return clip(`  ${`${line}:`.padEnd(10)}${step.text}${jump}${known}`, 100)
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
