import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { codeOf } from '../process/error-code.ts'
import { type Finished, RunningProgram, type RunOptions } from '../process/running-program.ts'
import { type Call, CallReader, type Ending } from './call.ts'

/** What a loader does with BPF objects, and what it takes to follow their descriptors through it. */
const TRACED = [
  ...['bpf', 'perf_event_open', 'ioctl', 'mmap', 'setsockopt'],
  ...['epoll_create1', 'epoll_ctl', '?epoll_wait', 'epoll_pwait', '?poll', 'ppoll'],
  ...['close', 'dup', '?dup2', 'dup3', 'fcntl'],
  ...['execve', '?fork', '?vfork', 'clone', '?clone3'],
]
const IDLE = 20 // ms between two looks at an empty pipe

/** A named pipe that strace writes to; calls are read from it as they are made. */
export class Strace implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'ebpf-labs-strace-'))
  readonly #pipe = join(this.#folder, 'pipe')
  readonly #fd: number
  readonly #reader = new CallReader()
  readonly #buffer = Buffer.allocUnsafe(65_536)
  #rest = ''

  constructor() {
    execFileSync('mkfifo', [this.#pipe])
    // Opened for writing, too: the pipe has no end before strace opens it and after it closes it.
    this.#fd = openSync(this.#pipe, constants.O_RDWR | constants.O_NONBLOCK)
  }

  /**
   * The command line that runs a program under strace(1): calls that concern BPF, of all its threads and children, with descriptors,
   * times and whole structs. Ctrl-C reaches the program; strace itself ignores it.
   */
  command(argv: readonly string[]): string[] {
    const calls = ['-e', `trace=${TRACED.join(',')}`, '-e', 'signal=none']
    // --seccomp-bpf: other calls run at full speed (strace 5.3).
    const options = ['-f', '--seccomp-bpf', '-ttt', '-y', '-v', '-s', '256', ...calls]
    return ['strace', ...options, '-o', this.#pipe, '--', ...argv]
  }

  /** The calls that have been made since the last read, without waiting. */
  *read(): Generator<Call | Ending> {
    for (let size = this.#readSome(); size > 0; size = this.#readSome()) {
      const lines = (this.#rest + this.#buffer.toString('latin1', 0, size)).split('\n')
      this.#rest = lines.pop() ?? ''
      for (const line of lines) {
        const call = this.#reader.read(line)
        if (call) yield call
      }
    }
  }

  /** The calls as they are made, until strace has ended. */
  async *follow(ended: Promise<unknown>): AsyncGenerator<Call | Ending> {
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
  calls: (Call | Ending)[]
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
