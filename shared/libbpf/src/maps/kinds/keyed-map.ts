import type { Codec } from '../../codec/codec.ts'
import { BatchBuffer, chunkEntries } from '../access/batch.ts'
import type { RawBatch } from '../access/batch.ts'
import { readEntries } from '../access/read.ts'
import { deleteEntries, writeEntries } from '../access/write.ts'
import type { MissingBatches } from '../access/write.ts'
import { codecOfSize } from '../check-codec.ts'
import { ENOENT, elementError } from '../element-error.ts'
import type { LookupOptions, UpdateOptions } from '../flags.ts'
import { lookupFlags, updateFlags } from '../flags.ts'
import { MapBase } from '../map.ts'
import type { MapInit } from '../map.ts'

/**
 * A map of keys to values, which behaves like an ES `Map` whose entries live in the kernel.
 *
 * Programs change it at any time: every call reads the kernel anew, nothing is cached here.
 *
 * `KW` and `VW` are what it takes to write a key and a value: of a union, one member is enough.
 */
export abstract class KeyedMap<K, V, KW = K, VW = V> extends MapBase {
  protected readonly keyCodec: Codec<K, KW>
  protected readonly valueCodec: Codec<V, VW>
  readonly #keyName: string
  readonly #valueName: string
  readonly #missing: MissingBatches = new Set()

  constructor(init: MapInit, key?: Codec<unknown>, value?: Codec<unknown>) {
    super(init)
    this.keyCodec = codecOfSize(key ?? init.codecs?.key, this.keySize, 'key', this.name)
    this.valueCodec = codecOfSize(value ?? init.codecs?.value, this.valueBytes, 'value', this.name)
    this.#keyName = `${this.name} key`
    this.#valueName = `${this.name} value`
  }

  /**
   * The value of a key, or undefined if there is no such entry.
   *
   * @throws {BpfError} if the key does not fit its type
   */
  get(key: KW, options?: LookupOptions): V | undefined {
    const fd = this.fdFor('read map')
    this.putKey(key)
    const errno = this.calls.lookup(
      fd,
      this.keyAddress,
      this.valueAddress,
      options === undefined ? 0 : lookupFlags(options),
    )
    if (errno === 0) return this.valueCodec.read(this.scratch.view, this.valueAt)
    if (errno === -ENOENT) return undefined
    throw elementError('read map', this, errno)
  }

  /** Whether there is an entry for the key. */
  has(key: KW): boolean {
    const fd = this.fdFor('read map')
    this.putKey(key)
    const errno = this.calls.lookup(fd, this.keyAddress, this.valueAddress, 0)
    if (errno < 0 && errno !== -ENOENT) throw elementError('read map', this, errno)
    return errno === 0
  }

  /**
   * Stores a value.
   *
   * @throws {BpfError} if key or value do not fit their types; E2BIG if the map is full; EEXIST or
   * ENOENT if `mode` forbids it
   */
  set(key: KW, value: VW, options?: UpdateOptions): this {
    const fd = this.fdFor('write map')
    this.putKey(key)
    this.valueCodec.write(this.scratch.view, this.valueAt, value, this.#valueName)
    this.update(fd, options === undefined ? 0 : updateFlags(options))
    return this
  }

  /** Deletes an entry and says whether there was one. */
  delete(key: KW): boolean {
    const fd = this.fdFor('delete from map')
    this.putKey(key)
    const errno = this.calls.delete(fd, this.keyAddress)
    if (errno < 0 && errno !== -ENOENT) throw elementError('delete from map', this, errno)
    return errno === 0
  }

  /** Number of entries, by reading all of them: the kernel keeps no count. */
  get size(): number {
    let size = 0
    for (const { length } of this.batches()) size += length
    return size
  }

  /** Keys and values; entries that programs add or delete meanwhile may be left out or seen, none twice. */
  *entries(): Generator<[K, V], void> {
    for (const batch of this.batches()) {
      for (let i = 0; i < batch.length; i += 1) yield this.#entry(batch, i)
    }
  }

  /** Keys, see {@link KeyedMap.entries}. */
  *keys(): Generator<K, void> {
    for (const batch of this.batches()) {
      for (let i = 0; i < batch.length; i += 1) {
        yield this.keyCodec.read(batch.keys, i * this.keySize)
      }
    }
  }

  /** Values, see {@link KeyedMap.entries}. */
  *values(): Generator<V, void> {
    for (const batch of this.batches()) {
      for (let i = 0; i < batch.length; i += 1) {
        yield this.valueCodec.read(batch.values, i * this.valueBytes)
      }
    }
  }

  [Symbol.iterator](): Generator<[K, V], void> {
    return this.entries()
  }

  /** All entries at once, with few system calls. */
  readBatch(): [K, V][] {
    return this.#collect(false)
  }

  /**
   * The map in batches of raw bytes, for whoever wants to decode few of them.
   *
   * Falls back to one call per entry where the kernel has no batches for this type.
   */
  *batches(): Generator<RawBatch, void> {
    yield* readEntries(this, () => this.fdFor('read map'), false, this.#missing)
  }

  /**
   * Stores many entries with few system calls.
   *
   * @returns the number of entries stored
   * @throws {BpfError} at the first entry that does not fit or is refused; those before it are stored
   */
  writeBatch(entries: Iterable<readonly [KW, VW]>, options?: UpdateOptions): number {
    const flags = updateFlags(options)
    const buffer = new BatchBuffer(this, chunkEntries(this))
    let before = 0
    let filled = 0
    const flush = (): void => {
      const fd = this.fdFor('write map')
      const ready = filled
      filled = 0
      writeEntries(this, fd, buffer, ready, { flags, before, missing: this.#missing })
      before += ready
    }
    try {
      for (const [key, value] of entries) {
        this.keyCodec.write(buffer.keys, filled * this.keySize, key, this.#keyName)
        this.valueCodec.write(buffer.values, filled * this.valueBytes, value, this.#valueName)
        filled += 1
        if (filled === buffer.capacity) flush()
      }
    } finally {
      flush()
    }
    return before
  }

  /** Deletes many entries with few system calls, and says how many there were; absent keys are no error. */
  deleteBatch(keys: Iterable<KW>): number {
    const buffer = new BatchBuffer(this, chunkEntries(this))
    let deleted = 0
    let filled = 0
    const flush = (): void => {
      deleted += deleteEntries(this, this.fdFor('delete from map'), buffer, filled, this.#missing)
      filled = 0
    }
    for (const key of keys) {
      this.keyCodec.write(buffer.keys, filled * this.keySize, key, this.#keyName)
      filled += 1
      if (filled === buffer.capacity) flush()
    }
    flush()
    return deleted
  }

  /** Deletes all entries. What programs add meanwhile may stay. */
  clear(): void {
    for (const batch of this.batches()) {
      const buffer = new BatchBuffer(this, batch.length)
      const bytes = batch.length * this.keySize
      new Uint8Array(buffer.keys.buffer).set(new Uint8Array(batch.keys.buffer, 0, bytes))
      deleteEntries(this, this.fdFor('delete from map'), buffer, batch.length, this.#missing)
    }
  }

  /** Encodes a key where libbpf reads it. */
  protected putKey(key: KW): void {
    this.keyCodec.write(this.scratch.view, 0, key, this.#keyName)
  }

  /** All entries, deleting them in the same step. */
  protected drainAll(): [K, V][] {
    return this.#collect(true)
  }

  #collect(take: boolean): [K, V][] {
    const entries: [K, V][] = []
    const fd = (): number => this.fdFor(take ? 'drain map' : 'read map')
    for (const batch of readEntries(this, fd, take, this.#missing)) {
      for (let i = 0; i < batch.length; i += 1) entries.push(this.#entry(batch, i))
    }
    return entries
  }

  #entry(batch: RawBatch, i: number): [K, V] {
    return [
      this.keyCodec.read(batch.keys, i * this.keySize),
      this.valueCodec.read(batch.values, i * this.valueBytes),
    ]
  }
}
