import { closeSync } from 'node:fs'
import { inspect } from 'node:util'
import type { InspectOptions } from 'node:util'
import type { Codec } from '../codec/codec.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { ClosedError } from '../errors/closed-error.ts'
import { bindLibbpf } from '../ffi/libbpf.ts'
import { Memory } from '../ffi/memory.ts'
import { closedProperly } from '../object/native/leak.ts'
import { pin, unpin } from '../raw/pin.ts'
import { elementCalls } from './access/elements.ts'
import type { ElementCalls } from './access/elements.ts'
import { ENOENT, elementError } from './element-error.ts'
import type { LookupOptions, UpdateOptions } from './flags.ts'
import { lookupFlags, updateFlags } from './flags.ts'
import { isFrozen, mapInfo } from './info.ts'
import type { MapInfo } from './info.ts'
import { isPerCpu, mapTypeName } from './map-type.ts'
import { possibleCpus } from './possible-cpus.ts'

const mapFreeze = bindLibbpf<(fd: number) => number>('int bpf_map_freeze(int fd)')

/** What keeps a map's file descriptor alive: the loaded object it belongs to. */
export interface MapOwner {
  readonly closed: boolean
}

/** How keys and values of a map lie in memory; raw bytes where a codec is missing. */
export interface MapCodecs {
  key?: Codec<unknown> | undefined
  /** For ring buffers and perf event arrays: of one event. */
  value?: Codec<unknown> | undefined
  /** Of the maps inside a map of maps. */
  inner?: MapCodecs | undefined
}

/** A map that is open: its file descriptor and what the kernel was told when it was created. */
export interface MapInit {
  fd: number
  name: string
  type: number
  keySize: number
  valueSize: number
  maxEntries: number
  flags: number
  /** Asked from the kernel when it is not given. */
  id?: number | undefined
  codecs?: MapCodecs | undefined
  /** Address at which the owner has mapped an arena: it cannot be mapped twice. */
  mapped?: bigint | undefined
  /** Who closes `fd`; without an owner the map closes it itself. */
  owner?: MapOwner | undefined
}

/** A BPF map: what all types have in common, and access to raw bytes. */
export abstract class MapBase implements Disposable {
  readonly name: string
  /** enum bpf_map_type; see {@link MapBase.typeName}. */
  readonly type: number
  /** Bytes of a key; 0 for queues, stacks, bloom filters and ring buffers. */
  readonly keySize: number
  /** Bytes of a value, on one CPU. */
  readonly valueSize: number
  /** Most entries it takes; bytes for a ring buffer. */
  readonly maxEntries: number
  /** BPF_F_* flags, see MapFlag. */
  readonly flags: number
  /** Bytes that the kernel copies for one value: for per-CPU maps those of all possible CPUs. */
  readonly valueBytes: number
  /** libbpf's calls. */
  protected readonly calls: ElementCalls
  /** A key at byte 0 and a value at `valueAt`, where libbpf reads and writes them. */
  protected readonly scratch: Memory
  protected readonly keyAddress: number
  protected readonly valueAddress: number
  protected readonly valueAt: number
  protected readonly codecs: MapCodecs
  readonly #fd: number
  readonly #owner: MapOwner | undefined
  #id: number | undefined
  #closed = false

  constructor(init: MapInit) {
    this.name = init.name
    this.type = init.type
    this.keySize = init.keySize
    this.valueSize = init.valueSize
    this.maxEntries = init.maxEntries
    this.flags = init.flags
    this.codecs = init.codecs ?? {}
    this.#fd = init.fd
    this.#owner = init.owner
    this.#id = init.id
    // The kernel lays per-CPU values out at multiples of 8 (kernel/bpf/syscall.c, bpf_map_value_size).
    this.valueBytes = isPerCpu(init.type)
      ? Math.ceil(init.valueSize / 8) * 8 * possibleCpus()
      : init.valueSize
    this.valueAt = Math.ceil(init.keySize / 8) * 8
    this.calls = elementCalls()
    this.scratch = new Memory(this.valueAt + this.valueBytes)
    // Types without keys want a NULL key.
    this.keyAddress = init.keySize === 0 ? 0 : this.scratch.address
    this.valueAddress = this.scratch.address + this.valueAt
  }

  /** Name of the type as bpftool prints it: `hash`, `percpu_array`. */
  get typeName(): string {
    return mapTypeName(this.type)
  }

  /** Whether `close()` was called here or on the object that the map belongs to. */
  get closed(): boolean {
    return this.#closed || this.#owner?.closed === true
  }

  /**
   * File descriptor; it stays this map's, do not close it.
   *
   * @throws {ClosedError} after close
   */
  get fd(): number {
    return this.fdFor('use map')
  }

  /** Id by which bpftool and BPF_MAP_GET_FD_BY_ID know the map. */
  get id(): number {
    this.#id ??= this.info().id
    return this.#id
  }

  /** What the kernel says about the map now. */
  info(): MapInfo {
    return mapInfo(this.fdFor('read info of map'), this.name)
  }

  /** Whether user space may no longer write, see {@link MapBase.freeze}. */
  get frozen(): boolean {
    return isFrozen(this.fdFor('read map'))
  }

  /**
   * Forbids user space to write to the map, for ever; BPF programs still can (BPF_MAP_FREEZE, Linux 5.2).
   *
   * @throws {BpfError} EBUSY while the map is mmapped for writing, EPERM if it is frozen already
   */
  freeze(): void {
    const errno = mapFreeze(this.fdFor('freeze map'))
    if (errno === 0) return
    throw new BpfError({
      operation: 'freeze map',
      subject: this.name,
      errno,
      hint: 'It must not be frozen already, nor be mmapped for writing: close such views first.',
    })
  }

  /**
   * Keeps the map alive under a path in a bpf file system.
   *
   * @throws {BpfError} if something is there or it is not a bpf file system
   */
  pin(path: string): void {
    pin('map', this.fdFor('pin map'), this.name, path)
  }

  /** Removes a pin that `pin()` or a program loader made. */
  unpin(path: string): void {
    this.fdFor('unpin map')
    unpin('map', this.name, path)
  }

  /**
   * Reads a value into `value` without allocating or decoding.
   *
   * @param key exactly `keySize` bytes
   * @param value exactly `valueBytes` bytes
   * @returns whether the entry exists; otherwise `value` is as it was
   * @throws {BpfError} if a buffer has another size
   */
  getInto(key: Uint8Array, value: Uint8Array, options?: LookupOptions): boolean {
    const fd = this.fdFor('read map')
    this.#putBytes('key', key, this.keySize, 0)
    this.#checkBytes('value', value, this.valueBytes)
    const errno = this.calls.lookup(fd, this.keyAddress, this.valueAddress, lookupFlags(options))
    if (errno === -ENOENT) return false
    if (errno < 0) throw elementError('read map', this, errno)
    copyBytes(this.scratch.bytes, this.valueAt, value, 0, this.valueBytes)
    return true
  }

  /**
   * Writes raw bytes.
   *
   * @param key exactly `keySize` bytes
   * @param value exactly `valueBytes` bytes
   * @throws {BpfError} if a buffer has another size, or the kernel refuses
   */
  setBytes(key: Uint8Array, value: Uint8Array, options?: UpdateOptions): void {
    const fd = this.fdFor('write map')
    this.#putBytes('key', key, this.keySize, 0)
    this.#putBytes('value', value, this.valueBytes, this.valueAt)
    this.update(fd, updateFlags(options))
  }

  /** Ends what reads from the map, detaches views of its memory and closes the file descriptor if it has no owner. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.releaseViews()
    if (this.#owner) return
    closedProperly(this)
    closeSync(this.#fd)
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** What console.log shows. */
  [inspect.custom](_depth: number, options: InspectOptions, show: typeof inspect): string {
    const { name, typeName: type, keySize, valueSize, maxEntries, closed } = this
    const facts = { name, type, keySize, valueSize, maxEntries, ...(closed ? { closed } : {}) }
    return `${this.constructor.name} ${show(facts, options)}`
  }

  /** Subclasses detach their mmapped views here, before the file descriptor goes. */
  protected releaseViews(): void {}

  /**
   * File descriptor for one operation, which names the error if the map is closed.
   *
   * @throws {ClosedError}
   */
  protected fdFor(operation: string): number {
    if (this.#closed) throw new ClosedError(operation, this.name)
    if (this.#owner?.closed === true) throw new ClosedError(operation, this.name, 'its object')
    return this.#fd
  }

  /** Stores the scratch value under the scratch key. */
  protected update(fd: number, flags: number): void {
    const errno = this.calls.update(fd, this.keyAddress, this.valueAddress, flags)
    if (errno < 0) throw elementError('write map', this, errno)
  }

  #putBytes(what: string, bytes: Uint8Array, size: number, at: number): void {
    this.#checkBytes(what, bytes, size)
    copyBytes(bytes, 0, this.scratch.bytes, at, size)
  }

  #checkBytes(what: string, bytes: Uint8Array, size: number): void {
    if (bytes instanceof Uint8Array && bytes.length === size) return
    throw new BpfError({
      operation: 'access map',
      subject: this.name,
      expected: `a ${what} of ${size} bytes`,
      got: bytes instanceof Uint8Array ? `${bytes.length}` : typeof bytes,
      hint: 'The kernel copies all bytes whatever the buffer; sizes are in map.keySize and map.valueBytes.',
    })
  }
}

/** Copies without making a view: for keys and values, mostly a few bytes, that costs more than the copy. */
function copyBytes(
  from: Uint8Array,
  fromAt: number,
  to: Uint8Array,
  toAt: number,
  size: number,
): void {
  if (size > 64) to.set(from.subarray(fromAt, fromAt + size), toAt)
  else for (let i = 0; i < size; i += 1) to[toAt + i] = from[fromAt + i]!
}
