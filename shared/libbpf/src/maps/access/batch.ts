import { hostIsLittleEndian as le } from '../../codec/byte-order.ts'
import { bindLibbpf } from '../../ffi/libbpf.ts'
import { Memory } from '../../ffi/memory.ts'
import { EINTR, EINVAL, ENOENT, ENOSPC, elementError, isUnsupported } from '../element-error.ts'
import type { MapFacts } from '../element-error.ts'

type ReadBatch = (
  fd: number,
  inBatch: number,
  outBatch: number,
  keys: number,
  values: number,
  count: number,
  opts: null,
) => number
type WriteBatch = (
  fd: number,
  keys: number,
  values: number,
  count: number,
  opts: bigint | number,
) => number

const lookupBatch = bindLibbpf<ReadBatch>(
  'int bpf_map_lookup_batch(int fd, uintptr_t in_batch, uintptr_t out_batch, uintptr_t keys, uintptr_t values, uintptr_t count, const void *opts)',
)
const takeBatch = bindLibbpf<ReadBatch>(
  'int bpf_map_lookup_and_delete_batch(int fd, uintptr_t in_batch, uintptr_t out_batch, uintptr_t keys, uintptr_t values, uintptr_t count, const void *opts)',
)
const updateBatch = bindLibbpf<WriteBatch>(
  'int bpf_map_update_batch(int fd, uintptr_t keys, uintptr_t values, uintptr_t count, uintptr_t opts)',
)
const deleteBatch = bindLibbpf<(fd: number, keys: number, count: number, opts: null) => number>(
  'int bpf_map_delete_batch(int fd, uintptr_t keys, uintptr_t count, const void *opts)',
)

/** Bytes of keys and values that one call moves: large enough that the call itself does not count. */
const CHUNK_BYTES = 256 * 1024
const MAX_CHUNK_ENTRIES = 4096

/** What batch calls need to know of a map. */
export interface BatchTarget extends MapFacts {
  readonly keySize: number
  /** Bytes the kernel copies per value. */
  readonly valueBytes: number
}

/** Entries as they lie in memory: `length` keys and values, one after the other. */
export interface RawBatch {
  readonly length: number
  /** Key i begins at i × keySize. Reused by the next batch. */
  readonly keys: DataView<ArrayBuffer>
  /** Value i begins at i × valueBytes. Reused by the next batch. */
  readonly values: DataView<ArrayBuffer>
}

/** Room for keys and values of one batch, and the calls that fill or use it. */
export class BatchBuffer implements RawBatch {
  readonly #target: BatchTarget
  readonly #count = new Memory(4)
  readonly #positions: Memory
  #keys: Memory
  #values: Memory
  /** Entries there is room for. */
  capacity: number

  constructor(target: BatchTarget, entries?: number) {
    this.#target = target
    this.capacity = entries ?? chunkEntries(target)
    this.#positions = new Memory(2 * positionSize(target))
    this.#keys = new Memory(this.capacity * target.keySize)
    this.#values = new Memory(this.capacity * target.valueBytes)
  }

  get length(): number {
    return this.#count.view.getUint32(0, le)
  }

  set length(entries: number) {
    this.#count.view.setUint32(0, entries, le)
  }

  get keys(): DataView<ArrayBuffer> {
    return this.#keys.view
  }

  get values(): DataView<ArrayBuffer> {
    return this.#values.view
  }

  /**
   * Address of the kernel's position ahead of a batch or behind it: of two, used in turn.
   *
   * It belongs to the buffer, because an address alone does not keep memory from the garbage collector.
   */
  position(turn: 0 | 1): number {
    return this.#positions.address + turn * positionSize(this.#target)
  }

  /** Address of key `i`. */
  keyAddress(i: number): number {
    return this.#keys.address + i * this.#target.keySize
  }

  /** A copy of key `i`. */
  keyBytes(i: number): Uint8Array<ArrayBuffer> {
    const { keySize } = this.#target
    return this.#keys.bytes.slice(i * keySize, (i + 1) * keySize)
  }

  /** Address of value `i`. */
  valueAddress(i: number): number {
    return this.#values.address + i * this.#target.valueBytes
  }

  /** Forgets what it holds and doubles the room. */
  grow(): void {
    this.capacity *= 2
    this.#keys = new Memory(this.capacity * this.#target.keySize)
    this.#values = new Memory(this.capacity * this.#target.valueBytes)
  }

  /** One BPF_MAP_LOOKUP_BATCH or BPF_MAP_LOOKUP_AND_DELETE_BATCH; leaves the number of entries in `length`. */
  read(fd: number, inBatch: number, outBatch: number, take: boolean): number {
    const call = (take ? takeBatch : lookupBatch).resolve()
    this.length = this.capacity
    const { address } = this.#count
    return call(fd, inBatch, outBatch, this.#keys.address, this.#values.address, address, null)
  }

  /** BPF_MAP_UPDATE_BATCH of entries `from` … `to`; leaves the number that were written in `length`. */
  update(fd: number, from: number, to: number, flags: number): number {
    this.length = to - from
    const { address } = this.#count
    const opts = batchOpts(flags)
    const call = updateBatch.resolve()
    const errno = call(fd, this.keyAddress(from), this.valueAddress(from), address, opts.address)
    return this.#counted(errno, to - from)
  }

  /** BPF_MAP_DELETE_BATCH of keys `from` … `to`; leaves the number that were deleted in `length`. */
  delete(fd: number, from: number, to: number): number {
    this.length = to - from
    const errno = deleteBatch.resolve()(fd, this.keyAddress(from), this.#count.address, null)
    return this.#counted(errno, to - from)
  }

  /**
   * The kernel tells how many entries it did before one failed, but not when it has no batch for the type, or
   * does not know the command: then the number is still the one asked for (kernel/bpf/syscall.c, bpf_map_do_batch).
   */
  #counted(errno: number, asked: number): number {
    if (errno < 0 && this.length === asked) this.length = 0
    return errno
  }
}

/** struct bpf_map_batch_opts: size_t sz, __u64 elem_flags, __u64 flags (bpf/bpf.h). */
const opts = new Memory(24)

function batchOpts(elementFlags: number): Memory {
  opts.view.setBigUint64(0, 24n, le)
  opts.view.setBigUint64(8, BigInt(elementFlags), le)
  return opts
}

/** The kernel's position in a map: a bucket number in a hash map, a key elsewhere. */
function positionSize(target: BatchTarget): number {
  return Math.max(target.keySize, 8)
}

/** How many entries of a map go into one batch. */
export function chunkEntries(target: BatchTarget): number {
  const fits = Math.floor(CHUNK_BYTES / (target.keySize + target.valueBytes))
  return Math.max(1, Math.min(fits, MAX_CHUNK_ENTRIES, target.maxEntries || Infinity))
}

/** Whether an error of the first call means that there is no batch for this type or in this kernel (5.6). */
export function hasNoBatch(errno: number): boolean {
  return isUnsupported(errno) || errno === -EINVAL
}

/** How far {@link readBatches} came: through the map, not at all, or up to and with a key. */
export type BatchEnd = 'all' | 'none' | { readonly after: Uint8Array }

/**
 * Reads a whole map in batches.
 *
 * A hash map is read bucket by bucket, so what other CPUs add or delete meanwhile neither repeats
 * nor prolongs it.
 *
 * @param fd called before each call: throws when the map is closed
 * @param take delete what is read, in the same step
 * @returns how far it came; `none` where the kernel has no batches for the map
 */
export function* readBatches(
  target: BatchTarget,
  fd: () => number,
  take: boolean,
): Generator<RawBatch, BatchEnd> {
  const buffer = new BatchBuffer(target)
  let previous = 0
  let after = new Uint8Array()
  for (let turn: 0 | 1 = 0; ;) {
    const next = buffer.position(turn)
    const errno = buffer.read(fd(), previous, next, take)
    if (errno === -ENOSPC && buffer.length === 0) {
      buffer.grow() // a bucket holds more entries than there is room for
      continue
    }
    // Linux before 6.14 gives up at a key without a value, such as a free slot in an array of maps
    // (kernel/bpf/syscall.c, generic_map_lookup_batch).
    const gaveUp = errno === -EINTR
    if (errno < 0 && errno !== -ENOENT && !gaveUp) {
      if (previous === 0 && hasNoBatch(errno)) return 'none'
      throw elementError(take ? 'drain map' : 'read map', target, errno)
    }
    if (buffer.length > 0) {
      after = buffer.keyBytes(buffer.length - 1)
      yield buffer
    }
    if (errno === -ENOENT) return 'all'
    if (gaveUp) return after.length > 0 ? { after } : 'none'
    previous = next
    turn = turn === 0 ? 1 : 0
  }
}
