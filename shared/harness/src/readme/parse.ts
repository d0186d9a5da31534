import MarkdownIt from 'markdown-it'
import { DEFAULT_DEADLINE } from '../process/deadline.ts'

/** A fenced block of a README. */
export interface Block {
  /** Line of the README, from 1, in which the block's text begins. */
  line: number
  lines: string[]
}

/** A block that shows a terminal. */
export interface ConsoleBlock extends Block {
  kind: 'console'
  terminal: string
  /** Exit code that each of its commands is to have. */
  exit: number
  /** Milliseconds that each of its commands may take. */
  deadline: number
  /** The oldest kernel that does what it shows. */
  since?: string
  steps: Step[]
}

/** A block that quotes a file. */
export interface FileBlock extends Block {
  kind: 'file'
  /** As the README names it, relative to the README. */
  file: string
}

/** What happens in a terminal, line by line. */
export type Step =
  | { kind: 'command'; line: number; command: string }
  | { kind: 'output'; line: number; text: string }
  | { kind: 'interrupt'; line: number }

/** A README that cannot be executed as it is written. */
export class ReadmeError extends Error {
  override name = 'ReadmeError'
  readonly file: string
  readonly line: number

  constructor(file: string, line: number, message: string) {
    super(`${file}:${line}: ${message}`)
    this.file = file
    this.line = line
    // Test reports show the place in the README, not in the runner.
    this.stack = `${this.name}: ${this.message}\n    at README (${file}:${line}:1)`
  }
}

const QUOTED = new Set(['c', 'h', 'ts'])

/**
 * Reads the blocks of a README that are executed (`console`) or compared with a file (`c` or `ts` and a file name).
 * @param file for errors
 * @throws ReadmeError
 */
export function parseReadme(markdown: string, file: string): (ConsoleBlock | FileBlock)[] {
  return new MarkdownIt().parse(markdown, {}).flatMap((token): (ConsoleBlock | FileBlock)[] => {
    if (token.type !== 'fence' || !token.map) return []
    const [language = '', ...words] = token.info.trim().split(/\s+/)
    const line = token.map[0] + 2 // from 0 to 1, and past the fence
    const lines = token.content.replace(/\n$/, '').split('\n')
    if (language === 'console') return [consoleBlock(file, line, lines, words)]
    const [name] = words
    if (QUOTED.has(language) && name) return [{ kind: 'file', line, lines, file: name }]
    return []
  })
}

function consoleBlock(file: string, line: number, lines: string[], words: string[]): ConsoleBlock {
  const block: ConsoleBlock = {
    ...{ kind: 'console', line, lines, terminal: '1', exit: 0 },
    ...{ deadline: DEFAULT_DEADLINE, steps: stepsOf(file, line, lines) },
  }
  for (const word of words) {
    const [, name, value] = /^(terminal|exit|timeout|since)=([\w./]+)$/.exec(word) ?? []
    if (name === 'terminal' && value) block.terminal = value
    else if (name === 'exit' && Number.isInteger(Number(value))) block.exit = Number(value)
    else if (name === 'since' && value && /^\d+\.\d+(\/(arm64|amd64))?$/.test(value))
      block.since = value
    else if (name === 'timeout' && Number(value) > 0) block.deadline = Number(value) * 1000
    else
      throw new ReadmeError(
        file,
        line - 1,
        `expected terminal=NAME, exit=CODE, timeout=SECONDS or since=KERNEL after 'console', got '${word}'`,
      )
  }
  return block
}

function stepsOf(file: string, first: number, lines: readonly string[]): Step[] {
  const steps: Step[] = []
  for (let n = 0; n < lines.length; n++) {
    const text = lines[n] ?? ''
    const line = first + n
    if (text === '^C') steps.push({ kind: 'interrupt', line })
    else if (text.startsWith('$ ')) {
      let command = text.slice(2)
      // Further lines of a command stand behind the shell's second prompt, '> ', or after a backslash.
      while (lines[n + 1]?.startsWith('> ') || command.endsWith('\\')) {
        const next = lines[++n]
        if (next === undefined)
          throw new ReadmeError(file, line, 'the command ends with a backslash')
        command += `\n${next.startsWith('> ') ? next.slice(2) : next}`
      }
      steps.push({ kind: 'command', line, command })
    } else {
      // An output that looks like a prompt is written with a backslash.
      steps.push({ kind: 'output', line, text: text.replace(/^\\(?=[$>^])/, '') })
    }
  }
  return steps
}
