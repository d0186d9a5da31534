import type { Codec } from '../../codec/codec.ts'
import { u64 } from '../../codec/scalars.ts'
import { UnsupportedError } from '../../errors/unsupported-error.ts'
import { EINVAL, ENOENT, elementError } from '../element-error.ts'
import { fdCodec } from '../fd-codec.ts'
import type { FdSource } from '../fd-codec.ts'
import type { UpdateOptions } from '../flags.ts'
import { updateFlags } from '../flags.ts'
import { indexCodec } from '../index-codec.ts'
import { codecOfSize } from '../check-codec.ts'
import { MapBase } from '../map.ts'
import type { MapInit } from '../map.ts'
import { MapType, mapTypeName } from '../map-type.ts'

/**
 * A map whose values are set by file descriptor: sockets (sockmap, sockhash, reuseport_sockarray),
 * AF_XDP sockets (xskmap) and cgroups (cgroup_array).
 *
 * The kernel gives no descriptor back; of sockets in a map with 8-byte values it tells the cookie.
 */
export class FdMap<K = number> extends MapBase {
  readonly #key: Codec<K>
  readonly #value: Codec<FdSource>

  constructor(init: MapInit) {
    super(init)
    const isArray = init.type !== MapType.sockhash
    const key = isArray && init.keySize === 4 ? indexCodec : init.codecs?.key
    this.#key = codecOfSize(key, this.keySize, 'key', this.name)
    this.#value = fdCodec(this.valueSize)
  }

  /**
   * Stores what a file descriptor refers to; the map holds it even after the descriptor is closed.
   *
   * @throws {BpfError} if the descriptor is not of the kind the map takes
   */
  set(key: K, value: FdSource, options?: UpdateOptions): this {
    const fd = this.fdFor('write map')
    this.#key.write(this.scratch.view, 0, key, this.name)
    this.#value.write(this.scratch.view, this.valueAt, value, this.name)
    this.update(fd, updateFlags(options))
    return this
  }

  /** Removes an entry and says whether there was one. */
  delete(key: K): boolean {
    const fd = this.fdFor('delete from map')
    this.#key.write(this.scratch.view, 0, key, this.name)
    const errno = this.calls.delete(fd, this.keyAddress)
    // What sockmap says of an entry that is not there (net/core/sock_map.c, __sock_map_delete).
    const absent = this.type === MapType.sockmap ? -EINVAL : -ENOENT
    if (errno < 0 && errno !== absent) throw elementError('delete from map', this, errno)
    return errno === 0
  }

  /**
   * Cookie of the socket under a key (SO_COOKIE), or undefined.
   *
   * @throws {UnsupportedError} for maps with 4-byte values, and those that do not hold sockets
   */
  cookie(key: K): bigint | undefined {
    const fd = this.fdFor('read map')
    if (this.valueSize !== 8) {
      throw new UnsupportedError({
        feature: `reading a ${mapTypeName(this.type)} with values of ${this.valueSize} bytes`,
        needs: {},
        operation: 'read map',
        subject: this.name,
        hint: 'Socket maps tell the cookie when their value type is __u64; the others cannot be read.',
      })
    }
    this.#key.write(this.scratch.view, 0, key, this.name)
    const errno = this.calls.lookup(fd, this.keyAddress, this.valueAddress, 0)
    if (errno === 0) return u64.read(this.scratch.view, this.valueAt)
    if (errno === -ENOENT) return undefined
    throw elementError('read map', this, errno)
  }
}
