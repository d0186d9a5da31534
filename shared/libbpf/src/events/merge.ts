import { BpfError } from '../errors/bpf-error.ts'
import type { EventReader } from './event-reader.ts'

/** Readers by the names that their events come under. */
export type NamedReaders = Readonly<Record<string, EventReader<unknown>>>

/** An event with the name of its reader: comparing the name tells TypeScript the type of the event. */
export type NamedEvent<R extends NamedReaders> = {
  [N in keyof R & string]: readonly [name: N, event: R[N] extends EventReader<infer E> ? E : never]
}[keyof R & string]

/** Most events of one reader in a row while another one has some. */
const IN_A_ROW = 64

/**
 * Reads several ring buffers, perf buffers or both in one loop:
 *
 *     for await (const [name, event] of mergeEvents({ execs: a.open({ signal }), exits: b.open({ signal }) }))
 *
 * Events of one reader come in its order. Those of different readers come in about the order in which they were
 * sent, at most 64 of one in a row while another waits.
 *
 * @throws {BpfError} if there is no reader, or one of them is given under two names
 */
export function mergeEvents<R extends NamedReaders>(readers: R): MergedEvents<NamedEvent<R>> {
  return new MergedEvents<NamedEvent<R>>(readers)
}

/** A batch of events that one reader has for the loop. */
interface Ready {
  readonly name: string
  readonly reader: EventReader<unknown>
  readonly events: readonly unknown[]
  /** Asks the reader for the next batch; does not reject. */
  readonly next: () => Promise<void>
}

/**
 * What {@link mergeEvents} returns.
 *
 * It ends when all of its readers are closed; closing one of them leaves the others. Leaving the loop, `close()`,
 * `using` and an error in one of the readers close all of them.
 */
export class MergedEvents<E extends readonly [string, unknown]>
  implements AsyncIterable<E>, Disposable
{
  readonly #readers: ReadonlyMap<string, EventReader<unknown>>

  constructor(readers: NamedReaders) {
    this.#readers = new Map(Object.entries(readers))
    const distinct = new Set(this.#readers.values()).size
    if (distinct > 0 && distinct === this.#readers.size) return
    throw new BpfError({
      operation: 'merge events',
      expected: 'readers, each under one name',
      got: distinct === 0 ? 'none' : `${distinct} under ${this.#readers.size} names`,
    })
  }

  /** Whether all of the readers are closed. */
  get closed(): boolean {
    return this.#readers.values().every((reader) => reader.closed)
  }

  /** Closes all of the readers. */
  close(): void {
    using all = new DisposableStack()
    for (const reader of this.#readers.values()) all.use(reader)
  }

  [Symbol.dispose](): void {
    this.close()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<E, void> {
    // Not Promise.race: each race would leave another reaction behind on the promise of a quiet reader.
    const ready: (Ready | { error: unknown })[] = []
    const open = new Set(this.#readers.keys())
    let wakeUp = Promise.withResolvers<void>()
    const follow = (name: string, reader: EventReader<unknown>): void => {
      const batches = reader.batches(IN_A_ROW)[Symbol.asyncIterator]()
      const next = async (): Promise<void> => {
        try {
          const { done, value: events } = await batches.next()
          if (done === true) open.delete(name)
          else ready.push({ name, reader, events, next })
        } catch (error) {
          ready.push({ error })
        }
        wakeUp.resolve()
      }
      void next()
    }
    try {
      for (const [name, reader] of this.#readers) follow(name, reader)
      while (open.size > 0) {
        const first = ready.shift()
        if (first === undefined) {
          await wakeUp.promise
          wakeUp = Promise.withResolvers()
          continue
        }
        if ('error' in first) throw first.error
        const { name, reader, events } = first
        for (const event of events) {
          if (reader.closed) break
          // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the reader is the one of this name
          yield [name, event] as unknown as E
        }
        void first.next()
      }
    } finally {
      this.close()
    }
  }
}
