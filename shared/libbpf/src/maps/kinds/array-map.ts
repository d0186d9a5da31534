import type { Codec } from '../../codec/codec.ts'
import { BpfError } from '../../errors/bpf-error.ts'
import { MapFlag } from '../flags.ts'
import type { UpdateOptions } from '../flags.ts'
import { indexCodec } from '../index-codec.ts'
import type { MapInit } from '../map.ts'
import { MappedArray } from '../mapped-array.ts'
import { KeyedMap } from './keyed-map.ts'

/** What arrays have in common: indexes from 0, and entries that always exist. */
export abstract class ArrayBase<V, VW = V> extends KeyedMap<number, V, number, VW> {
  constructor(init: MapInit, value?: Codec<unknown>) {
    super(init, indexCodec, value)
  }

  /** Number of elements, which never changes. */
  get length(): number {
    return this.maxEntries
  }

  override get size(): number {
    return this.maxEntries
  }

  /** Stores a value. @throws {BpfError} if the index is not within the array or the value does not fit */
  override set(index: number, value: VW, options?: UpdateOptions): this {
    if (index >= this.maxEntries) throw this.#outside(index)
    return super.set(index, value, options)
  }

  /** Not possible: the entries of an array always exist. @throws {BpfError} always */
  override delete(index: number): never {
    throw new BpfError({
      operation: 'delete from map',
      subject: this.name,
      problem: `entries of an array always exist, [${index}] too`,
      hint: 'Store a zero value instead, or use a hash map.',
    })
  }

  /** Not possible, see {@link ArrayBase.delete}. @throws {BpfError} always */
  override deleteBatch(indexes: Iterable<number>): never {
    const [first = 0] = indexes
    return this.delete(first)
  }

  /** Sets all bytes of all values to zero. */
  override clear(): void {
    const key = new Uint8Array(4)
    const zero = new Uint8Array(this.valueBytes)
    for (let index = 0; index < this.maxEntries; index += 1) {
      indexCodec.write(new DataView(key.buffer), 0, index)
      this.setBytes(key, zero)
    }
  }

  #outside(index: number): BpfError {
    return new BpfError({
      operation: 'write map',
      subject: this.name,
      expected: `an index below ${this.maxEntries}`,
      got: String(index),
      hint: 'max_entries is set before the object is loaded.',
    })
  }
}

/** An array of values (BPF_MAP_TYPE_ARRAY). */
export class ArrayMap<V = Uint8Array, VW = V> extends ArrayBase<V, VW> {
  readonly #views = new Set<MappedArray<V, VW>>()

  /** Whether {@link ArrayMap.view} is possible: created with BPF_F_MMAPABLE. */
  get mmapable(): boolean {
    return (this.flags & MapFlag.mmapable) !== 0
  }

  /**
   * A live view of the values: reads and writes go to the memory that programs use, without system calls.
   *
   * @throws {BpfError} if the map was not created with BPF_F_MMAPABLE, or is frozen and `writable` is asked
   */
  view(options: { writable?: boolean } = {}): MappedArray<V, VW> {
    const fd = this.fdFor('mmap')
    if (!this.mmapable) {
      throw new BpfError({
        operation: 'mmap',
        subject: this.name,
        problem: 'the map was created without BPF_F_MMAPABLE',
        hint: 'Add __uint(map_flags, BPF_F_MMAPABLE) to the map, or use get() and set().',
      })
    }
    const view = new MappedArray<V, VW>({
      fd,
      name: this.name,
      length: this.maxEntries,
      codec: this.valueCodec,
      writable: options.writable ?? !(this.frozen || this.flags & MapFlag.readOnly),
      onClose: () => this.#views.delete(view),
    })
    this.#views.add(view)
    return view
  }

  protected override releaseViews(): void {
    for (const view of this.#views) view.close()
  }
}
