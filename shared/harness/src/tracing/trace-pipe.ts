import { closeSync, constants, openSync, readSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import { setTimeout as delay } from 'node:timers/promises'
import { ClosedError } from '@ebpf-labs/libbpf'
import { DEFAULT_DEADLINE, DeadlineError } from '../process/deadline.ts'
import { type TraceLine, parseTraceLine } from './trace-line.ts'
import { makeInstance, removeInstance, readersOf, tracefs, tracingError } from './tracefs.ts'
import { codeOf } from '../process/error-code.ts'

export type { TraceLine } from './trace-line.ts'

/** Which lines of trace_pipe are wanted; all conditions must hold. */
export interface TraceFilter {
  /** One pid or several. */
  pid?: number | Iterable<number> | undefined
  comm?: string | RegExp | undefined
  /** A part of the text, or an expression for it. */
  text?: string | RegExp | undefined
}

/** How to open a trace_pipe. */
export interface TracePipeOptions extends TraceFilter {
  /** Ends the iteration. */
  signal?: AbortSignal | undefined
  /** Read the global `trace_pipe`, which has one reader at a time, instead of a private instance. */
  shared?: boolean | undefined
}

/** How {@link TracePipe.take} waits. */
export interface TakeOptions {
  /** Milliseconds; 30 s by default. */
  deadline?: number | undefined
}

const IDLE = 10 // ms between two looks at an empty pipe: trace_pipe wakes its readers at this pace itself
const READS_PER_TURN = 32 // a flood must not starve the event loop
const open = new Set<TracePipe>()
process.on('exit', () => open.forEach((pipe) => pipe.close()))

/**
 * Opens trace_pipe: what bpf_printk() writes from now on, line by line. Reads do not block, so closing always works.
 * @throws BpfError without root, without tracefs, or when the shared pipe has a reader already
 */
export function tracePipe(options: TracePipeOptions = {}): TracePipe {
  return new TracePipe(options)
}

/** A reader of trace_pipe. Iterate it, {@link take} a number of lines, or {@link read} what is there. */
export class TracePipe implements AsyncIterable<TraceLine>, Disposable {
  /** Events that the kernel overwrote before they were read. */
  lost = 0
  readonly path: string
  #fd: number
  readonly #instance: string | undefined
  readonly #options: TracePipeOptions
  readonly #wanted: (line: TraceLine) => boolean
  readonly #decoder = new StringDecoder('utf8')
  readonly #buffer = Buffer.allocUnsafe(65_536)
  #rest = ''
  #queue: TraceLine[] = []
  #others: TraceLine[] = []
  #last: TraceLine | undefined

  constructor(options: TracePipeOptions) {
    this.#options = options
    this.#wanted = predicate(options)
    this.#instance = options.shared ? undefined : makeInstance()
    this.path = `${this.#instance ?? tracefs}/trace_pipe`
    this.#fd = this.#openPipe()
    open.add(this)
    if (options.shared) this.read() // what was written before is not ours
  }

  /** What has been written so far and passes the filter, without waiting. */
  read(filter: TraceFilter = {}): TraceLine[] {
    while (this.#fill());
    return this.#remove(predicate(filter))
  }

  /**
   * Waits for `count` lines that pass the filter and removes them from the pipe; other lines stay for the next call.
   * @throws DeadlineError with what came instead
   * @throws Error when the kernel lost events, for then no number means anything
   */
  async take(
    count: number,
    filter: TraceFilter = {},
    { deadline = DEFAULT_DEADLINE }: TakeOptions = {},
  ): Promise<TraceLine[]> {
    const end = performance.now() + deadline
    const wanted = predicate(filter)
    const taken: TraceLine[] = []
    for (;;) {
      const more = this.#fill()
      taken.push(...this.#remove(wanted, count - taken.length))
      if (this.lost > 0) throw new Error(`${this.path} lost ${this.lost} events: read it sooner`)
      if (taken.length >= count) return taken
      if (performance.now() >= end)
        throw new DeadlineError(`${count} lines of trace_pipe`, deadline, this.#instead(taken))
      await delay(more ? 0 : IDLE)
    }
  }

  /** The lines as they come, until the signal is aborted or the pipe is closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<TraceLine, void, void> {
    const { signal } = this.#options
    for (;;) {
      if (this.#fd < 0 || signal?.aborted) return
      const more = this.#fill()
      for (const line of this.#remove(() => true)) {
        yield line
        if (signal?.aborted) return
      }
      await pause(more ? 0 : IDLE, signal)
    }
  }

  /** Stops reading and removes the private instance. */
  close(): void {
    if (this.#fd < 0) return
    closeSync(this.#fd)
    this.#fd = -1
    open.delete(this)
    if (this.#instance) removeInstance(this.#instance)
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #openPipe(): number {
    try {
      const fd = openSync(this.path, constants.O_RDONLY | constants.O_NONBLOCK)
      // Before 6.6 the kernel let several readers in, and each got some of the lines.
      if (this.#options.shared && readersOf(this.path).length > 0) {
        closeSync(fd)
        throw Object.assign(new Error('busy'), { code: 'EBUSY', errno: -16 })
      }
      return fd
    } catch (error) {
      if (this.#instance) removeInstance(this.#instance)
      throw tracingError('open', this.path, error)
    }
  }

  /** Reads for one turn; returns whether there may be more. */
  #fill(): boolean {
    if (this.#fd < 0) throw new ClosedError('read', 'trace_pipe')
    for (let turn = 0; turn < READS_PER_TURN; turn++) {
      const size = this.#readSome()
      if (size === 0) return false
      const lines = (this.#rest + this.#decoder.write(this.#buffer.subarray(0, size))).split('\n')
      this.#rest = lines.pop() ?? ''
      for (const line of lines) this.#accept(line)
    }
    return true
  }

  #readSome(): number {
    try {
      return readSync(this.#fd, this.#buffer)
    } catch (error) {
      if (codeOf(error) === 'EAGAIN') return 0
      throw error
    }
  }

  #accept(text: string): void {
    const line = parseTraceLine(text)
    if (line === undefined) {
      if (this.#last && text !== '') this.#last.text += `\n${text}`
    } else if ('lost' in line) {
      this.lost += line.lost ?? 1
    } else {
      this.#last = line
      this.#queue.push(line)
    }
  }

  /** Takes lines out of the queue; those that the pipe's own filter refuses are only kept for error messages. */
  #remove(wanted: (line: TraceLine) => boolean, limit = Infinity): TraceLine[] {
    const taken: TraceLine[] = []
    this.#queue = this.#queue.filter((line) => {
      if (!this.#wanted(line)) {
        this.#others = [...this.#others.slice(-9), line]
        return false
      }
      return !(taken.length < limit && wanted(line) && taken.push(line))
    })
    return taken
  }

  #instead(taken: TraceLine[]): string {
    const show = ({ comm, pid, text }: TraceLine) => `  ${comm}-${pid}: ${text}`
    const others = [...this.#others, ...this.#queue].slice(-10)
    return [
      taken.length === 0 ? 'none came' : `${taken.length} came:`,
      ...taken.slice(-10).map(show),
      ...(others.length === 0 ? [] : ['others that came, the latest last:', ...others.map(show)]),
    ].join('\n')
  }
}

function predicate({ pid, comm, text }: TraceFilter): (line: TraceLine) => boolean {
  const pids = pid === undefined ? undefined : new Set(typeof pid === 'number' ? [pid] : pid)
  return (line) =>
    (pids === undefined || pids.has(line.pid)) &&
    (comm === undefined ||
      (typeof comm === 'string' ? line.comm === comm : comm.test(line.comm))) &&
    (text === undefined ||
      (typeof text === 'string' ? line.text.includes(text) : text.test(line.text)))
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(ms, undefined, signal ? { signal } : {})
  } catch (error) {
    if (!signal?.aborted) throw error
  }
}
