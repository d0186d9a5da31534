import koffi from 'koffi'
import { Mapping, pageSize } from '../../ffi/mmap.ts'
import { MapBase } from '../map.ts'
import type { MapInit } from '../map.ts'

/** Memory that BPF programs and user space share (BPF_MAP_TYPE_ARENA, Linux 6.9). */
export class ArenaMap extends MapBase {
  readonly #mapped: bigint | undefined
  #mapping: Mapping | undefined
  /** libbpf's mapping, which it takes away with the object. */
  #borrowed: ArrayBuffer | undefined

  constructor(init: MapInit) {
    super(init)
    this.#mapped = init.mapped
  }

  /**
   * The arena's memory; pages appear when they are first touched, up to `maxEntries` of them.
   *
   * Empty after `close()`.
   *
   * @throws {BpfError} if it is mapped at another address by another process
   */
  memory(): ArrayBuffer {
    const fd = this.fdFor('mmap')
    const length = this.maxEntries * pageSize()
    if (this.#mapped !== undefined) return (this.#borrowed ??= koffi.view(this.#mapped, length))
    this.#mapping ??= new Mapping({
      fd,
      length,
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
    this.#borrowed?.transfer(0)
    this.#borrowed = undefined
  }
}
