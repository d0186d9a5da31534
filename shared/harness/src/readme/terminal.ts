import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { waitUntil } from '../process/deadline.ts'
import { OWNER_VARIABLE, owner } from '../process/owner.ts'
import { codeOf } from '../process/error-code.ts'

/** A command that was typed into a terminal. */
export interface TypedCommand {
  readonly lines: string[]
  /** Set when it has ended. */
  exit: number | undefined
}

// A shell that takes commands from descriptor 3, so that folder, variables and background jobs last from one to the next, and says
// on stdout how each ended. Commands do not read the README. The trap lets the shell survive Ctrl-C, which goes to the whole
// process group as in a terminal; commands have the default again, and background jobs of such a shell ignore it.
const LOOP = `exec 2>&1
trap : INT
while IFS= read -r -d '' -u 3 REPLY; do
  eval "$REPLY" 3<&-
  printf '%s%d\\n' "$0" "$?"
done`

/** One terminal of a README: a shell, one command at a time in the foreground. */
export class Terminal implements AsyncDisposable {
  readonly #mark = `<${randomUUID()}>`
  readonly #shell: ChildProcess
  readonly #ended: Promise<unknown>
  #current: TypedCommand | undefined
  #rest = ''
  #changed = Promise.withResolvers<void>()

  constructor(cwd: string, env: NodeJS.ProcessEnv) {
    this.#shell = spawn('bash', ['--norc', '--noprofile', '-c', LOOP, this.#mark], {
      cwd,
      env: { ...env, [OWNER_VARIABLE]: owner },
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
    })
    this.#ended = once(this.#shell, 'exit').then(() => this.#end(undefined))
    this.#shell.stdout?.setEncoding('utf8').on('data', (chunk: string) => this.#read(chunk))
  }

  /** Types a command; what it writes is in the result as it comes. */
  type(command: string): TypedCommand {
    this.#current = { lines: [], exit: undefined }
    const input = this.#shell.stdio[3]
    if (input && 'write' in input) input.write(`${command}\0`)
    return this.#current
  }

  /** Resolves at the next output or end of a command, or when the signal is aborted. */
  async change(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    const notify = (): void => this.#notify()
    signal.addEventListener('abort', notify)
    await this.#changed.promise
    signal.removeEventListener('abort', notify)
  }

  /** Presses Ctrl-C, once the shell has started the program that it is meant for. */
  async interrupt(deadline: number): Promise<void> {
    const { pid } = this.#shell
    if (pid === undefined) return
    const children = () => readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1') !== ''
    const ready = () => this.#current?.exit !== undefined || children()
    await waitUntil('the shell to start a program that Ctrl-C can end', ready, { deadline })
    process.kill(-pid, 'SIGINT')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (this.#shell.pid !== undefined) process.kill(-this.#shell.pid, 'SIGKILL')
    } catch (error) {
      if (codeOf(error) !== 'ESRCH') throw error
    }
    await this.#ended
  }

  #read(chunk: string): void {
    const parts = (this.#rest + chunk).split('\n')
    this.#rest = parts.pop() ?? ''
    for (const line of parts) {
      const mark = line.indexOf(this.#mark)
      if (mark < 0) this.#add(line)
      else {
        if (mark > 0) this.#add(line.slice(0, mark)) // it did not end its last line
        this.#end(Number(line.slice(mark + this.#mark.length)))
      }
    }
    this.#notify()
  }

  #add(line: string): void {
    this.#current?.lines.push(stripVTControlCharacters(line))
  }

  #end(exit: number | undefined): void {
    if (this.#current) this.#current.exit ??= exit ?? -1
    this.#notify()
  }

  #notify(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}
