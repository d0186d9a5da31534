import type { Codec } from '../../codec/codec.ts'
import { codecOfSize } from '../check-codec.ts'
import { ENOENT, elementError } from '../element-error.ts'
import { MapBase } from '../map.ts'
import type { MapInit } from '../map.ts'

/** A set that may claim to have what was never added, but never denies what was (Linux 5.16). */
export class BloomFilter<V = Uint8Array, VW = V> extends MapBase {
  readonly #codec: Codec<V, VW>

  constructor(init: MapInit) {
    super(init)
    this.#codec = codecOfSize(init.codecs?.value, this.valueSize, 'value', this.name)
  }

  /** Adds a value; it cannot be removed again. */
  add(value: VW): this {
    const fd = this.fdFor('add to map')
    this.#codec.write(this.scratch.view, this.valueAt, value, this.name)
    const errno = this.calls.update(fd, 0, this.valueAddress, 0)
    if (errno < 0) throw elementError('add to map', this, errno)
    return this
  }

  /** Whether the value was added; true may be wrong, false is certain. */
  has(value: VW): boolean {
    const fd = this.fdFor('test map')
    this.#codec.write(this.scratch.view, this.valueAt, value, this.name)
    const errno = this.calls.lookup(fd, 0, this.valueAddress, 0)
    if (errno < 0 && errno !== -ENOENT) throw elementError('test map', this, errno)
    return errno === 0
  }
}
