import { Mapping, pageSize } from '../../ffi/mmap.ts'
import { MapBase } from '../map.ts'

/** Memory that BPF programs and user space share (BPF_MAP_TYPE_ARENA, Linux 6.9). */
export class ArenaMap extends MapBase {
  #mapping: Mapping | undefined

  /**
   * The arena's memory; pages appear when they are first touched, up to `maxEntries` of them.
   *
   * Empty after `close()`.
   *
   * @throws {BpfError} if it is mapped at another address by another process
   */
  memory(): ArrayBuffer {
    const fd = this.fdFor('mmap')
    this.#mapping ??= new Mapping({
      fd,
      length: this.maxEntries * pageSize(),
      writable: true,
      operation: 'mmap',
      subject: this.name,
      // Pointers in the arena hold for one address: all who share it map it there.
      address: Number(this.info().extra),
    })
    return this.#mapping.buffer
  }

  protected override releaseViews(): void {
    this.#mapping?.close()
  }
}
