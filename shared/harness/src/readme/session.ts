import { rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { workspace } from '../lab/place.ts'
import { diffLines } from './diff.ts'
import { type MatchResult, matchLines } from './match.ts'
import { type ConsoleBlock, ReadmeError } from './parse.ts'
import { type Captures, fillIn } from './pattern.ts'
import { type Action, type PlannedCommand, plan } from './plan.ts'
import { Terminal, type TypedCommand } from './terminal.ts'
import { makeWorkspaceCommands } from './workspace-commands.ts'

/** Executes the console blocks of one README, in order. */
export class ReadmeSession implements AsyncDisposable {
  readonly #file: string
  readonly #cwd: string
  readonly #plan: Map<ConsoleBlock, Action[]>
  readonly #terminals = new Map<string, Terminal>()
  readonly #typed = new Map<PlannedCommand, TypedCommand>()
  readonly #commands = makeWorkspaceCommands()
  #captures: Captures = {}

  /**
   * @param file full path of the README
   * @param cwd where its terminals begin
   */
  constructor(file: string, blocks: readonly ConsoleBlock[], cwd = workspace) {
    this.#file = file
    this.#cwd = cwd
    this.#plan = plan(blocks, file)
  }

  /**
   * Executes a block.
   * @throws ReadmeError with the command, what was expected and what came
   */
  async run(block: ConsoleBlock): Promise<void> {
    for (const action of this.#plan.get(block) ?? []) {
      const { command } = action
      const terminal = this.#terminal(command.terminal)
      if (action.do === 'type')
        this.#typed.set(command, terminal.type(fillIn(command.command, this.#captures)))
      else if (action.do === 'interrupt') await terminal.interrupt(block.deadline)
      else await this.#compare(terminal, action, block.deadline)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const terminal of this.#terminals.values()) await terminal[Symbol.asyncDispose]()
    rmSync(this.#commands, { recursive: true, force: true })
  }

  /** Waits for output until it matches or cannot match any more. */
  async #compare(
    terminal: Terminal,
    action: Extract<Action, { do: 'await' | 'finish' }>,
    deadline: number,
  ): Promise<void> {
    const { command } = action
    const typed = this.#typed.get(command)
    if (!typed) throw new Error('a command that was not typed')
    const late = AbortSignal.timeout(deadline)
    const started = performance.now()
    for (;;) {
      const ended = typed.exit !== undefined
      const result = this.#match(action, typed, ended)
      if (result.outcome === 'match') this.#captures = result.captures
      if (result.outcome === 'match' && (ended || action.do === 'await')) break
      if (result.outcome === 'mismatch' || ended)
        throw this.#mismatch(command, typed, started, ended)
      if (late.aborted) throw this.#late(action, typed, deadline, result)
      await terminal.change(late)
    }
    if (action.do === 'finish' && !command.exits.includes(typed.exit ?? -1))
      throw this.#error(
        command,
        `exit code ${command.exits.join(' or ')}, got ${typed.exit}`,
        typed,
      )
  }

  #match(
    action: Extract<Action, { do: 'await' | 'finish' }>,
    typed: TypedCommand,
    ended: boolean,
  ): MatchResult {
    const lines = action.do === 'await' ? action.lines : undefined
    const expected = action.command.expected.slice(0, lines).map(({ pattern }) => pattern)
    const patterns = expected.slice(0, expected.findLastIndex(({ source }) => source !== '') + 1)
    const closed = ended && action.do === 'finish'
    const got = ended ? withoutLastBlanks(typed.lines) : typed.lines
    return matchLines(patterns, got, this.#captures, closed)
  }

  #terminal(name: string): Terminal {
    const found = this.#terminals.get(name) ?? new Terminal(this.#cwd, this.#environment())
    this.#terminals.set(name, found)
    return found
  }

  /** As a person's terminal has it: nothing of the test runner, no colours. */
  #environment(): NodeJS.ProcessEnv {
    const own = Object.entries(process.env).filter(
      ([name]) =>
        !/^(VITEST|TEST$|NODE_ENV$|NODE_OPTIONS$|MODE$|DEV$|PROD$|SSR$|FORCE_COLOR$|TINYPOOL)/.test(
          name,
        ),
    )
    const path = [this.#commands, join(workspace, 'node_modules', '.bin'), process.env['PATH']]
    return {
      ...Object.fromEntries(own),
      PATH: [...path, '/usr/sbin', '/sbin'].join(delimiter),
      NO_COLOR: '1',
      TERM: 'dumb',
      COLUMNS: '80',
    }
  }

  #mismatch(
    command: PlannedCommand,
    typed: TypedCommand,
    started: number,
    ended: boolean,
  ): ReadmeError {
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    const how = ended ? `it ended with exit code ${typed.exit}` : 'it still ran'
    return this.#error(command, `other output (${how} after ${seconds} s)`, typed)
  }

  #late(action: Action, typed: TypedCommand, deadline: number, result: MatchResult): ReadmeError {
    const what =
      action.do === 'finish' && result.outcome === 'match'
        ? `it to end, and after ${deadline / 1000} s it still runs. To leave it running, go on with its output or ^C in a later block`
        : `this output within ${deadline / 1000} s`
    return this.#error(action.command, what, typed)
  }

  #error(command: PlannedCommand, expected: string, typed: TypedCommand): ReadmeError {
    const patterns = command.expected.map(({ pattern }) => pattern)
    const diff = diffLines(patterns, withoutLastBlanks(typed.lines), this.#captures)
    const typedText = fillIn(command.command, this.#captures).replaceAll('\n', '\n  > ')
    const differs = /^[-+] /m.test(diff)
    return new ReadmeError(
      this.#file,
      command.line,
      [
        `expected ${expected}`,
        `  $ ${typedText}`,
        ...(differs ? ['  (- is expected, + is what came)'] : []),
        ...diff.split('\n').map((line) => `  ${line}`),
      ].join('\n'),
    )
  }
}

function withoutLastBlanks(lines: readonly string[]): string[] {
  return lines.slice(0, lines.findLastIndex((line) => line.trim() !== '') + 1)
}
