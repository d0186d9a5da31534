import { fdCodec } from '../fd-codec.ts'
import type { FdSource } from '../fd-codec.ts'
import { indexCodec } from '../index-codec.ts'
import type { MapInit } from '../map.ts'
import { KeyedMap } from './keyed-map.ts'

/** Programs by index, for `bpf_tail_call()`. Stores programs or their descriptors, reads back program ids. */
export class ProgArray extends KeyedMap<number, FdSource> {
  constructor(init: MapInit) {
    super(init, indexCodec, fdCodec(init.valueSize))
  }

  /** Number of indexes, used or not. */
  get length(): number {
    return this.maxEntries
  }

  /** Id of the program at an index, or undefined where there is none. */
  override get(index: number): number | undefined {
    const id = super.get(index)
    return typeof id === 'number' ? id : undefined
  }
}
