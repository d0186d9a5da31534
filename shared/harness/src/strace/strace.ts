import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { codeOf } from '../process/error-code.ts'
import { type Finished, RunningProgram, type RunOptions } from '../process/running-program.ts'
import { type Call, CallReader, type Ending, type Unread } from './call.ts'

/** What a loader does with BPF objects, and what it takes to follow their descriptors through it. */
const TRACED = [
  ...['bpf', 'perf_event_open', 'ioctl', 'mmap', 'setsockopt', 'sendmsg', 'sendto'],
  ...['epoll_create1', 'epoll_ctl', '?epoll_wait', 'epoll_pwait', '?poll', 'ppoll'],
  ...['close', 'dup', '?dup2', 'dup3', 'fcntl'],
  ...['execve', '?fork', '?vfork', 'clone', '?clone3'],
]
const IDLE = 20 // ms between two looks at an empty pipe

/** Where strace writes to; calls are read from there as they are made. */
export class Strace implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'ebpf-labs-strace-'))
  readonly #path = join(this.#folder, 'calls')
  readonly #fd: number
  readonly #reader = new CallReader()
  readonly #buffer = Buffer.allocUnsafe(65_536)
  /** Pieces of a line whose end has not come yet: one with a large program is megabytes long. */
  #begun: string[] = []

  /**
   * @param medium a pipe takes no room however long the trace. A process that traces itself needs a file: it cannot read while it
   * works, and a full pipe would stop it.
   */
  constructor(medium: 'pipe' | 'file' = 'pipe') {
    if (medium === 'pipe') execFileSync('mkfifo', [this.#path])
    else closeSync(openSync(this.#path, 'w'))
    // Opened for writing, too: a pipe has no end before strace opens it and after it closes it.
    this.#fd = openSync(this.#path, constants.O_RDWR | constants.O_NONBLOCK)
  }

  /**
   * The command line that runs a program under strace(1): calls that concern BPF, of all its threads and children, with descriptors,
   * times and whole structs. Ctrl-C reaches the program; strace itself ignores it.
   */
  command(argv: readonly string[]): string[] {
    // --seccomp-bpf: other calls run at full speed (strace 5.3).
    return [...this.#strace(), '--seccomp-bpf', '--', ...argv]
  }

  /** The command line that traces a process that runs already, until strace is interrupted. */
  attach(pid: number): string[] {
    return [...this.#strace(), '-p', String(pid)]
  }

  #strace(): string[] {
    const calls = ['-e', `trace=${TRACED.join(',')}`, '-e', 'signal=none']
    return ['strace', '-f', '-ttt', '-y', '-v', '-s', '256', ...calls, '-o', this.#path]
  }

  /** The calls that have been made since the last read, without waiting. */
  *read(): Generator<Call | Ending | Unread> {
    for (let size = this.#readSome(); size > 0; size = this.#readSome()) {
      const [first = '', ...more] = this.#buffer.toString('latin1', 0, size).split('\n')
      this.#begun.push(first)
      for (const next of more) {
        const line = this.#begun.join('')
        this.#begun = [next]
        const call = this.#reader.read(line)
        if (call) yield call
      }
    }
  }

  /** The calls as they are made, until strace has ended. */
  async *follow(ended: Promise<unknown>): AsyncGenerator<Call | Ending | Unread> {
    let over = false
    void ended.finally(() => {
      over = true
    })
    for (;;) {
      const last = over
      yield* this.read()
      if (last) return
      await delay(IDLE)
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd)
    rmSync(this.#folder, { recursive: true })
  }

  #readSome(): number {
    try {
      return readSync(this.#fd, this.#buffer)
    } catch (error) {
      if (codeOf(error) === 'EAGAIN') return 0
      throw error
    }
  }
}

/** How a traced program ended, and the calls that it made. */
export interface Traced extends Finished {
  calls: (Call | Ending | Unread)[]
}

/**
 * Runs a program under strace to its end.
 * @throws Error without strace, DeadlineError when the program does not end
 */
export async function strace(argv: readonly string[], options?: RunOptions): Promise<Traced> {
  using output = new Strace()
  await using program = await RunningProgram.start(output.command(argv), options)
  const finished = program.exit()
  const calls = await Array.fromAsync(output.follow(finished))
  return { ...(await finished), calls }
}
