import { ENOENT, elementError } from '../element-error.ts'
import { KeyedMap } from './keyed-map.ts'

/** A hash map, plain or LRU. */
export class HashMap<K = Uint8Array, V = Uint8Array, KW = K, VW = V> extends KeyedMap<
  K,
  V,
  KW,
  VW
> {
  /**
   * Deletes an entry and returns its value, in one step (Linux 5.14).
   *
   * @returns undefined if there is no such entry
   */
  take(key: KW): V | undefined {
    const fd = this.fdFor('take from map')
    this.putKey(key)
    const errno = this.calls.take(fd, this.keyAddress, this.valueAddress, 0)
    if (errno === 0) return this.valueCodec.read(this.scratch.view, this.valueAt)
    if (errno === -ENOENT) return undefined
    throw elementError('take from map', this, errno)
  }

  /** Empties the map and returns what was in it; with batches, no update gets lost in between. */
  drain(): [K, V][] {
    return this.drainAll()
  }
}
