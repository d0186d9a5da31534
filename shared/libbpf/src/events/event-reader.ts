import { ClosedError } from '../errors/closed-error.ts'
import { TurnBudget } from './turn-budget.ts'
import type { Watch } from './poller.ts'

/** Events that are decoded at a time: few enough that those in a batch are fresh, many enough to be fast. */
const BATCH = 1024

/** What all readers of events take. */
export interface ReaderOptions {
  /** Closes the reader; loops over it end as if there were no more events. */
  signal?: AbortSignal | undefined
}

/**
 * Events of a kernel buffer as an async iterable: `for await (const event of reader)`.
 *
 * One loop at a time. Leaving the loop, an exception in it, `close()`, `using` and the signal all close the
 * reader; whoever waits goes on at once. Waiting keeps Node alive, an open reader alone does not.
 */
export abstract class EventReader<E> implements AsyncIterable<E>, Disposable {
  readonly name: string
  #watch: Watch | undefined
  #queue: readonly E[] = []
  #next = 0
  #closed = false
  #failure: { error: unknown } | undefined
  #waiting: Promise<unknown> | undefined
  readonly #turn = new TurnBudget()
  readonly #signal: AbortSignal | undefined
  readonly #onAbort = (): void => this.close()

  constructor(name: string, options: ReaderOptions) {
    this.name = name
    this.#signal = options.signal
  }

  /** Subclasses call this once they are ready to be closed. */
  protected start(watch: Watch): void {
    this.#watch = watch
    if (this.#signal?.aborted === true) this.close()
    else this.#signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** Whether the reader, or the map it reads, was closed. */
  get closed(): boolean {
    return this.#closed
  }

  /** Reads at most `limit` events that are there now into `out`, without waiting. May throw after some. */
  protected abstract readInto(out: E[], limit: number): void

  /** Lets go of memory and descriptors; called once. */
  protected abstract release(): void

  /**
   * Events that are there now, at most `limit`, without waiting.
   *
   * @throws {ClosedError} after close; {@link BpfError} if an event cannot be decoded
   */
  read(limit = Number.MAX_SAFE_INTEGER): E[] {
    this.assertOpen('read events of')
    const out = this.#queue.slice(this.#next, this.#next + limit)
    this.#next += out.length
    if (out.length < limit) this.readInto(out, limit - out.length)
    return out
  }

  /** Ends loops over the reader and frees its memory; the second call does nothing. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#queue = []
    this.#next = 0
    this.#signal?.removeEventListener('abort', this.#onAbort)
    try {
      this.#watch?.[Symbol.dispose]()
    } finally {
      this.release()
    }
  }

  [Symbol.dispose](): void {
    this.close()
  }

  [Symbol.asyncIterator](): AsyncIterator<E, undefined> {
    return {
      next: () => this.#nextEvent(),
      return: async () => this.#end(),
    }
  }

  /**
   * Events in arrays, as many at a time as were there: several times as fast as one by one.
   *
   * @param max most events in one array
   */
  batches(max: number = BATCH): AsyncIterable<E[]> {
    return {
      [Symbol.asyncIterator]: () => ({
        next: () => this.#nextBatch(max),
        return: async () => this.#end(),
      }),
    }
  }

  /** @throws {ClosedError} */
  protected assertOpen(operation: string): void {
    if (this.#closed) throw new ClosedError(operation, this.name)
  }

  #end(): IteratorReturnResult<undefined> {
    this.close()
    return { value: undefined, done: true }
  }

  #nextEvent(): Promise<IteratorResult<E, undefined>> {
    if (this.#next < this.#queue.length && !this.#turn.spent()) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- within the queue, where undefined may be an event
      return Promise.resolve({ value: this.#queue[this.#next++] as E, done: false })
    }
    return this.#oneAtATime(async () => {
      if (!(await this.#refill(BATCH))) return { value: undefined, done: true }
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- #refill saw to it
      return { value: this.#queue[this.#next++] as E, done: false }
    })
  }

  #nextBatch(max: number): Promise<IteratorResult<E[], undefined>> {
    return this.#oneAtATime(async () => {
      if (!(await this.#refill(max))) return { value: undefined, done: true }
      const value = this.#queue.slice(this.#next, this.#next + max)
      this.#next += value.length
      return { value, done: false }
    })
  }

  /** `next()` may be called again before it resolved; then the calls queue up. */
  #oneAtATime<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#waiting === undefined ? task() : this.#waiting.then(task, task)
    this.#waiting = result
    const forget = (): void => {
      if (this.#waiting === result) this.#waiting = undefined
    }
    result.then(forget, forget)
    return result
  }

  /** Waits until the queue has an event; false once the reader is closed. */
  async #refill(limit: number): Promise<boolean> {
    for (;;) {
      if (this.#turn.spent(true)) await this.#turn.next()
      if (this.#closed) return false
      if (this.#next < this.#queue.length) return true
      if (this.#failure) {
        const { error } = this.#failure
        this.close()
        throw error
      }
      if (this.#fillQueue(limit)) continue
      await this.#wait()
    }
  }

  /** Nothing is there: what comes from here on wakes the watch. */
  async #wait(): Promise<void> {
    try {
      await this.#watch?.wait()
    } catch (error) {
      this.#failure = { error }
    }
    this.#turn.begin()
  }

  /** Whether there is an event, or a failure to report. */
  #fillQueue(limit: number): boolean {
    const queue: E[] = []
    this.#queue = queue
    this.#next = 0
    try {
      this.readInto(queue, limit)
    } catch (error) {
      // Events before the one that failed come first.
      this.#failure = { error }
    }
    return queue.length > 0 || this.#failure !== undefined
  }
}
