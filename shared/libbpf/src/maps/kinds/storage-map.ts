import type { Codec } from '../../codec/codec.ts'
import { PidFd } from '../../ffi/pidfd.ts'
import { codecOfSize } from '../check-codec.ts'
import { ENOENT, elementError } from '../element-error.ts'
import { fdCodec } from '../fd-codec.ts'
import type { FdSource } from '../fd-codec.ts'
import type { LookupOptions, UpdateOptions } from '../flags.ts'
import { lookupFlags, updateFlags } from '../flags.ts'
import { MapBase } from '../map.ts'
import type { MapInit } from '../map.ts'

/** Whose storage: a descriptor of the task (pidfd), file, socket or cgroup; a task's also by its process id. */
export type StorageOwner = FdSource | { readonly pid: number }

const ownerCodec = fdCodec(4)

/**
 * One value for each task, inode, socket or cgroup, which goes when they go.
 *
 * The kernel does not list the entries: each is read through a descriptor of its owner.
 */
export class StorageMap<V = Uint8Array, VW = V> extends MapBase {
  readonly #value: Codec<V, VW>

  constructor(init: MapInit) {
    super(init)
    this.#value = codecOfSize(init.codecs?.value, this.valueSize, 'value', this.name)
  }

  /** The owner's value, or undefined. @throws {BpfError} EBADF if the descriptor is of another kind */
  get(owner: StorageOwner, options?: LookupOptions): V | undefined {
    const flags = lookupFlags(options)
    const errno = this.#withOwner('read map', owner, (fd) =>
      this.calls.lookup(fd, this.keyAddress, this.valueAddress, flags),
    )
    return errno === 0 ? this.#value.read(this.scratch.view, this.valueAt) : undefined
  }

  /** Whether the owner has a value. */
  has(owner: StorageOwner): boolean {
    return this.get(owner) !== undefined
  }

  /** Gives the owner a value. */
  set(owner: StorageOwner, value: VW, options?: UpdateOptions): this {
    this.#value.write(this.scratch.view, this.valueAt, value, this.name)
    const flags = updateFlags(options)
    const errno = this.#withOwner('write map', owner, (fd) =>
      this.calls.update(fd, this.keyAddress, this.valueAddress, flags),
    )
    if (errno < 0) throw elementError('write map', this, errno)
    return this
  }

  /** Takes the owner's value away, and says whether there was one. */
  delete(owner: StorageOwner): boolean {
    return (
      this.#withOwner('delete from map', owner, (fd) => this.calls.delete(fd, this.keyAddress)) ===
      0
    )
  }

  /** Runs a call with the owner's descriptor as key; returns 0 or -ENOENT. */
  #withOwner(operation: string, owner: StorageOwner, call: (fd: number) => number): number {
    const fd = this.fdFor(operation)
    using task = typeof owner === 'object' && 'pid' in owner ? new PidFd(owner.pid) : undefined
    const source = typeof owner === 'object' && 'pid' in owner ? (task ?? -1) : owner
    ownerCodec.write(this.scratch.view, 0, source, `${this.name} key`)
    const errno = call(fd)
    if (errno < 0 && errno !== -ENOENT) throw elementError(operation, this, errno)
    return errno
  }
}
