import type { Codec } from '../codec/codec.ts'
import { DropCounter } from './drop-counter.ts'
import type { DropOptions } from './drop-counter.ts'
import { EventReader } from './event-reader.ts'
import type { ReaderOptions } from './event-reader.ts'
import { watchFds } from './poller.ts'
import type { RecordView } from './record-view.ts'
import { RingConsumer } from './ring-consumer.ts'

/** How to read a ring buffer. */
export interface RingBufOptions extends ReaderOptions, DropOptions {}

/** What a reader needs of the map. */
export interface RingBufSource<E> {
  fd: number
  name: string
  /** Bytes. */
  size: number
  decode: (record: RecordView) => E
  onClose: () => void
}

/** Reads a BPF ring buffer (BPF_MAP_TYPE_RINGBUF, Linux 5.8): decoded, in batches, or in place. */
export class RingBufReader<E> extends EventReader<E> {
  readonly #ring: RingConsumer
  readonly #source: RingBufSource<E>
  readonly #drops: DropCounter

  constructor(source: RingBufSource<E>, options: RingBufOptions) {
    super(source.name, options)
    this.#source = source
    this.#drops = new DropCounter(source.name, options)
    using undo = new DisposableStack()
    this.#ring = undo.use(new RingConsumer(source.fd, source.name, source.size))
    this.start(watchFds([source.fd], source.name))
    undo.move()
  }

  /**
   * Calls `each` with the records that are there now, where they lie: nothing is copied or decoded.
   *
   * The record is valid during the call only. Does not wait: call it from a timer, or after a
   * program ran. Events that a loop decoded already are not seen here.
   *
   * @param limit most records to read
   * @returns number of records
   * @throws what `each` throws; that record counts as read
   */
  consume(each: (record: RecordView) => void, limit = 0x7fff_ffff): number {
    this.assertOpen('read events of')
    const count = this.#ring.consume(each, limit)
    this.#drops.check()
    return count
  }

  /** Bytes that wait in the ring; with a size of `map.maxEntries` this says how close it is to dropping. */
  get pending(): number {
    return this.#ring.pending
  }

  /** Bytes read and written since the ring was created. */
  get positions(): { readonly consumer: bigint; readonly producer: bigint } {
    return this.#ring.positions
  }

  /** Events lost since the reader was opened, as counted by the option `dropped`; undefined without it. */
  get dropped(): number | undefined {
    return this.#drops.count
  }

  protected override readInto(out: E[], limit: number): void {
    const { decode } = this.#source
    this.#ring.consume((record) => out.push(decode(record)), limit)
    this.#drops.check()
  }

  protected override release(): void {
    this.#drops.close()
    this.#ring.close()
    this.#source.onClose()
  }
}

/** Decodes each record as one type. */
export function decodeWith<E>(codec: Codec<E>): (record: RecordView) => E {
  return (record) => record.decode(codec)
}
