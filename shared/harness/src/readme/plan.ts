import { type ConsoleBlock, ReadmeError } from './parse.ts'
import { type LinePattern, linePattern } from './pattern.ts'

/** A command of a README and all the output that is expected of it, which may stand in several blocks. */
export interface PlannedCommand {
  readonly line: number
  readonly command: string
  readonly terminal: string
  /** Exit codes that are right. */
  exits: number[]
  readonly expected: { line: number; pattern: LinePattern }[]
}

/** What a block does. */
export type Action =
  | { do: 'type'; command: PlannedCommand }
  /** Waits until the first `lines` expected lines have come; the command goes on. */
  | { do: 'await'; command: PlannedCommand; lines: number }
  /** Waits for the command's end and compares all of its output. */
  | { do: 'finish'; command: PlannedCommand }
  | { do: 'interrupt'; command: PlannedCommand }

/**
 * Works out what each block does. A command ends in the block that shows the last of its output; when the next block of its terminal
 * goes on with output or `^C`, it stays in the foreground until then.
 * @throws ReadmeError for output or `^C` without a command
 */
export function plan(blocks: readonly ConsoleBlock[], file: string): Map<ConsoleBlock, Action[]> {
  const foreground = new Map<string, PlannedCommand>()
  return new Map(
    blocks.map((block, n) => {
      const next = blocks.slice(n + 1).find(({ terminal }) => terminal === block.terminal)
      const goesOn = next !== undefined && next.steps[0]?.kind !== 'command'
      return [block, actionsOf(block, goesOn, foreground, file)]
    }),
  )
}

function actionsOf(
  block: ConsoleBlock,
  goesOn: boolean,
  foreground: Map<string, PlannedCommand>,
  file: string,
): Action[] {
  const { terminal } = block
  const actions: Action[] = []
  const finish = () => {
    const command = foreground.get(terminal)
    if (command) actions.push({ do: 'finish', command })
    foreground.delete(terminal)
  }
  for (const step of block.steps) {
    if (step.kind === 'command') {
      finish()
      const command = { ...step, terminal, exits: [block.exit], expected: [] }
      foreground.set(terminal, command)
      actions.push({ do: 'type', command })
      continue
    }
    const command = foreground.get(terminal)
    if (!command) throw new ReadmeError(file, step.line, noCommand(terminal))
    if (step.kind === 'output') {
      command.expected.push({ line: step.line, pattern: linePattern(step.text) })
    } else {
      if (command.expected.every(({ pattern }) => pattern.any))
        throw new ReadmeError(file, step.line, TOO_EARLY)
      actions.push(
        { do: 'await', command, lines: command.expected.length },
        { do: 'interrupt', command },
      )
      if (block.exit === 0) command.exits = [0, 130] // ended by itself, or by the signal
    }
  }
  const command = foreground.get(terminal)
  if (!goesOn) finish()
  else if (command) actions.push({ do: 'await', command, lines: command.expected.length })
  return actions
}

const TOO_EARLY =
  'show a line of the output before ^C: it tells when the command is up and can be interrupted'

function noCommand(terminal: string): string {
  return `no command runs in terminal ${terminal}: a block begins with '$ ', or goes on where an earlier one left off`
}
