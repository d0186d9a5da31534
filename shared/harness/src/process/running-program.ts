import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { DEFAULT_DEADLINE, DeadlineError } from './deadline.ts'
import { OutputLines } from './output-lines.ts'
import { OWNER_VARIABLE, owner } from './owner.ts'
import type { User } from './users.ts'
import { codeOf, messageOf } from './error-code.ts'

/** How to start a program. */
export interface RunOptions {
  cwd?: string | undefined
  /** On top of the test's own environment; `undefined` removes a variable. */
  env?: Record<string, string | undefined> | undefined
  user?: User | undefined
  /** What it reads from stdin; nothing by default. */
  input?: string | undefined
  /** Milliseconds that each wait for this program lasts at most; 30 s by default. */
  deadline?: number | undefined
}

/** How a program ended, and all that it wrote. */
export interface Finished {
  pid: number
  /** Exit code, or null when a signal ended it. */
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

const running = new Set<RunningProgram>()
process.on('exit', () => running.forEach((program) => program.signal('SIGKILL')))

/** A program in a process group of its own, so that all of it can be interrupted and killed. */
export class RunningProgram implements AsyncDisposable {
  readonly argv: readonly string[]
  readonly pid: number
  readonly output: OutputLines
  readonly #child: ChildProcess
  readonly #deadline: number
  readonly #closed: Promise<undefined>

  /**
   * Starts a program; resolves when it runs.
   * @throws Error when the program cannot be started
   */
  static async start(argv: readonly string[], options: RunOptions = {}): Promise<RunningProgram> {
    const [command = '', ...args] = argv
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, [OWNER_VARIABLE]: owner, ...options.env },
      uid: options.user?.uid,
      gid: options.user?.gid,
      detached: true, // leads a process group
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    try {
      await once(child, 'spawn')
    } catch (cause) {
      const where = options.cwd === undefined ? '' : ` in ${options.cwd}`
      throw new Error(`cannot start '${argv.join(' ')}'${where}: ${messageOf(cause)}`, {
        cause,
      })
    }
    return new RunningProgram(argv, child, options)
  }

  private constructor(argv: readonly string[], child: ChildProcess, options: RunOptions) {
    const { pid, stdin, stdout, stderr } = child
    if (pid === undefined || !stdin || !stdout || !stderr) throw new Error('a child without pipes')
    this.argv = argv
    this.pid = pid
    this.#child = child
    this.#deadline = options.deadline ?? DEFAULT_DEADLINE
    this.output = new OutputLines(stdout, stderr)
    const drained = once(child, 'close')
    this.#closed = once(child, 'exit').then(async () => {
      // What left the group may hold the pipes for ever: the rest of the output has a second to arrive.
      await Promise.race([drained, delay(1000, undefined, { ref: false })])
      return undefined
    })
    running.add(this)
    stdin.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error // it need not read its input
    })
    stdin.end(options.input ?? '')
  }

  /** What it has written to stdout so far. */
  get stdout(): string {
    return this.output.stdout
  }

  /** What it has written to stderr so far. */
  get stderr(): string {
    return this.output.stderr
  }

  /**
   * Waits until a line that contains or matches `pattern` has come, on stdout or stderr, and returns it.
   * @throws DeadlineError with the output; Error when the program ends first
   */
  async line(pattern: string | RegExp, deadline?: number): Promise<string> {
    const [line = ''] = await this.lines(1, pattern, deadline)
    return line
  }

  /** Waits for the first `count` lines that contain or match `pattern`; like {@link line}. */
  async lines(
    count: number,
    pattern: string | RegExp,
    deadline = this.#deadline,
  ): Promise<string[]> {
    const what = `${count === 1 ? 'a line' : `${count} lines`} with ${describe(pattern)} from '${this.argv.join(' ')}'`
    const found = () =>
      this.output.lines.filter(({ text }) => matches(text, pattern)).slice(0, count)
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const stop = this.output.onLine(() => found().length >= count && resolve(true))
    const timer = setTimeout(resolve, deadline, false)
    void this.#closed.then(() => resolve(true))
    try {
      const inTime = found().length >= count || (await promise)
      if (!inTime) throw new DeadlineError(what, deadline, this.output.tail())
    } finally {
      stop()
      clearTimeout(timer)
    }
    if (found().length < count)
      throw new Error(`it ended (${this.#how()}) before ${what} came\n${this.output.tail()}`)
    return found().map(({ text }) => text)
  }

  /**
   * Waits until the program has ended and its output has come.
   * @throws DeadlineError with the output; the program is killed then
   */
  async exit(deadline = this.#deadline): Promise<Finished> {
    const timeout = new AbortController()
    const late = delay(deadline, 'late', { signal: timeout.signal }).catch(() => undefined)
    const first = await Promise.race([this.#closed, late])
    timeout.abort()
    if (first === 'late') {
      const tail = this.output.tail()
      await this.kill()
      throw new DeadlineError(`'${this.argv.join(' ')}' to end`, deadline, tail)
    }
    running.delete(this)
    const { exitCode: code, signalCode: signal } = this.#child
    return { pid: this.pid, code, signal, stdout: this.stdout, stderr: this.stderr }
  }

  /** Presses Ctrl-C, which a terminal sends to the whole process group, and waits for the end. */
  async interrupt(deadline?: number): Promise<Finished> {
    this.signal('SIGINT')
    return this.exit(deadline)
  }

  /** Sends a signal to its whole process group, if any of it is left. */
  signal(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.pid, signal)
    } catch (error) {
      if (codeOf(error) !== 'ESRCH') throw error
    }
  }

  /** Kills what is left of its process group, and waits for the end. */
  async kill(): Promise<void> {
    this.signal('SIGKILL')
    await this.#closed
    running.delete(this)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }

  #how(): string {
    const { exitCode, signalCode } = this.#child
    return signalCode ?? `exit code ${exitCode}`
  }
}

function matches(text: string, pattern: string | RegExp): boolean {
  return typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text)
}

function describe(pattern: string | RegExp): string {
  return typeof pattern === 'string' ? `'${pattern}'` : String(pattern)
}
