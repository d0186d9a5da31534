import type { Codec } from '../codec/codec.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { MapBase } from '../maps/map.ts'
import { ReaderSlot } from './reader-slot.ts'
import { UserRingBufWriter } from './user-ring-buf-writer.ts'

/** A ring buffer that this process writes and BPF programs read (BPF_MAP_TYPE_USER_RINGBUF, Linux 6.1). */
export class UserRingBufMap<E = unknown, W = E> extends MapBase {
  readonly #writer = new ReaderSlot()

  /**
   * Opens the ring for writing; close the writer before the next one.
   *
   * @throws {BpfError} if a writer is open
   */
  open(): UserRingBufWriter<W> {
    const fd = this.fdFor('open user ring buffer')
    return this.#writer.open(
      this,
      () =>
        new UserRingBufWriter<W>({
          fd,
          name: this.name,
          size: this.maxEntries,
          codec: () => this.#codec(),
          onClose: () => this.#writer.free(),
        }),
    )
  }

  protected override releaseViews(): void {
    this.#writer.close()
  }

  #codec(): Codec<unknown, W> {
    const codec = this.codecs.value
    if (codec) return codec
    throw new BpfError({
      operation: 'write user ring buffer',
      subject: this.name,
      problem: 'the type of its samples is not known',
      hint: 'Add __type(value, struct sample) to the map in the program, or use reserve().',
    })
  }
}
