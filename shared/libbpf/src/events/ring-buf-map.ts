import { BpfError } from '../errors/bpf-error.ts'
import { MapBase } from '../maps/map.ts'
import { ReaderSlot } from './reader-slot.ts'
import type { RecordView } from './record-view.ts'
import { RingBufReader, decodeWith } from './ring-buf-reader.ts'
import type { RingBufOptions } from './ring-buf-reader.ts'

/** A ring buffer that BPF programs write and this process reads (BPF_MAP_TYPE_RINGBUF, Linux 5.8). */
export class RingBufMap<E = unknown> extends MapBase {
  readonly #reader = new ReaderSlot()

  /**
   * Opens the ring for reading; close the reader, or leave the loop over it, before the next one.
   *
   * Events are decoded by the map's value type, `__type(value, struct event)` in the program's
   * source, or by `decode`.
   *
   * @throws {BpfError} if no type is known and no `decode` given, or a reader is open
   */
  open<T>(options: RingBufOptions & { decode: (record: RecordView) => T }): RingBufReader<T>
  open(options?: RingBufOptions): RingBufReader<E>
  open<T = E>(options: RingBufOptions & { decode?: (record: RecordView) => T } = {}) {
    const fd = this.fdFor('open ring buffer')
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the codec was made for this map's type
    const decode = options.decode ?? (this.#decoder() as (record: RecordView) => T)
    return this.#reader.open(
      this,
      () =>
        new RingBufReader<T>(
          {
            fd,
            name: this.name,
            size: this.maxEntries,
            decode,
            onClose: () => this.#reader.free(),
          },
          options,
        ),
    )
  }

  protected override releaseViews(): void {
    this.#reader.close()
  }

  #decoder(): (record: RecordView) => unknown {
    const codec = this.codecs.value
    if (codec) return decodeWith(codec)
    throw new BpfError({
      operation: 'open ring buffer',
      subject: this.name,
      problem: 'the type of its events is not known',
      hint: 'Add __type(value, struct event) to the map in the program, or give open({ decode: (record) => record.bytes() }).',
    })
  }
}
