import { BpfError } from '../errors/bpf-error.ts'
import { pageSize } from '../ffi/mmap.ts'
import { ENOENT, elementError } from '../maps/element-error.ts'
import { fdCodec } from '../maps/fd-codec.ts'
import type { FdSource } from '../maps/fd-codec.ts'
import { indexCodec } from '../maps/index-codec.ts'
import { MapBase } from '../maps/map.ts'
import { PerfReader } from './perf-reader.ts'
import type { PerfOptions } from './perf-reader.ts'
import { ReaderSlot } from './reader-slot.ts'
import type { RecordView } from './record-view.ts'
import { decodeWith } from './ring-buf-reader.ts'

/** Buffers, one per CPU, that BPF programs write with `bpf_perf_event_output()` (BPF_MAP_TYPE_PERF_EVENT_ARRAY). */
export class PerfEventArray<E = Uint8Array> extends MapBase {
  readonly #reader = new ReaderSlot()

  /**
   * Opens a buffer on each CPU that is online.
   *
   * Events are decoded by the codec the map was opened with, by `decode`, or copied as bytes: a perf
   * event array has no event type in BTF. The kernel may add up to 7 bytes of padding at the end.
   *
   * @throws {BpfError} if a reader is open, or perf events are not allowed
   */
  open<T>(options: PerfOptions & { decode: (record: RecordView) => T }): PerfReader<T>
  open(options?: PerfOptions): PerfReader<E>
  open<T = E>(options: PerfOptions & { decode?: (record: RecordView) => T } = {}) {
    this.fdFor('open perf buffer')
    this.#checkPages(options.pages)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the codec was made for this map's events
    const decode = options.decode ?? (this.#decoder() as (record: RecordView) => T)
    return this.#reader.open(
      this,
      () =>
        new PerfReader<T>(
          {
            name: this.name,
            entries: this.maxEntries,
            decode,
            setEvent: (cpu, event) => this.set(cpu, event),
            // A map that is closed loses its events by itself (kernel/bpf/arraymap.c, perf_event_fd_array_release).
            clearEvent: (cpu) => this.closed || this.delete(cpu),
            onClose: () => this.#reader.free(),
          },
          options,
        ),
    )
  }

  /** Stores a perf event of your own making, such as a hardware counter for `bpf_perf_event_read_value()`. */
  set(index: number, event: FdSource): void {
    const fd = this.fdFor('write map')
    indexCodec.write(this.scratch.view, 0, index, this.name)
    eventCodec.write(this.scratch.view, this.valueAt, event, this.name)
    this.update(fd, 0)
  }

  /** Removes the event at an index, and says whether there was one. */
  delete(index: number): boolean {
    const fd = this.fdFor('delete from map')
    indexCodec.write(this.scratch.view, 0, index, this.name)
    const errno = this.calls.delete(fd, this.keyAddress)
    if (errno === 0) return true
    if (errno === -ENOENT) return false
    throw elementError('delete from map', this, errno)
  }

  protected override releaseViews(): void {
    this.#reader.close()
  }

  #checkPages(pages = 64): void {
    if (Number.isInteger(pages) && pages > 0 && (pages & (pages - 1)) === 0) return
    throw new BpfError({
      operation: 'open perf buffer',
      subject: this.name,
      expected: `a power of two as number of pages (of ${pageSize()} bytes)`,
      got: String(pages),
    })
  }

  #decoder(): (record: RecordView) => unknown {
    const codec = this.codecs.value
    // A `__type(value, int)` describes the file descriptors in the map, not the events.
    if (codec === undefined || codec.size === this.valueSize) return (record) => record.bytes()
    return decodeWith(codec)
  }
}

const eventCodec = fdCodec(4)
