import koffi from 'koffi'
import { BpfError } from '../errors/bpf-error.ts'
import { ClosedError } from '../errors/closed-error.ts'
import { bindLibc } from './libc.ts'
import { errno } from './library.ts'

const PROT_READ = 1
const PROT_WRITE = 2
const MAP_SHARED = 1

const mmap = bindLibc<
  (
    address: number,
    length: number,
    prot: number,
    flags: number,
    fd: number,
    offset: number,
  ) => number | bigint
>('intptr_t mmap(uintptr_t addr, size_t length, int prot, int flags, int fd, int64_t offset)')
const munmap = bindLibc<(address: number, length: number) => number>(
  'int munmap(uintptr_t addr, size_t length)',
)
const getpagesize = bindLibc<() => number>('int getpagesize(void)')

let cachedPageSize = 0

/** Bytes in a page of memory: 4096 on x86-64, up to 65536 on arm64. */
export function pageSize(): number {
  cachedPageSize ||= getpagesize()
  return cachedPageSize
}

/** What to map. */
export interface MappingOptions {
  fd: number
  /** Bytes; the kernel rounds up to whole pages. */
  length: number
  /** Byte offset into the file, a multiple of the page size. */
  offset?: number
  /** Writing to a mapping without this kills the process: hand out no raw view of it. */
  writable: boolean
  /** Name of the map, for errors. */
  subject: string
  /** What the mapping is for, for errors: `mmap ring buffer`. */
  operation: string
  /** What to do if the kernel refuses, by the errno that it gives. */
  hint?: (errno: number) => string | undefined
  /** Address to map at (MAP_FIXED_NOREPLACE is not used: the kernel refuses others itself). */
  address?: number
}

/**
 * Shared memory between a BPF map and this process (mmap(2)).
 *
 * `close()` detaches the ArrayBuffer before it unmaps, so a view that outlives it is empty instead of
 * a segmentation fault.
 */
export class Mapping implements Disposable {
  readonly length: number
  readonly address: number
  #buffer: ArrayBuffer | undefined
  readonly #subject: string

  /** @throws {BpfError} if the kernel refuses the mapping */
  constructor(options: MappingOptions) {
    const { fd, length, offset = 0, writable, subject, operation, address = 0 } = options
    const prot = PROT_READ | (writable ? PROT_WRITE : 0)
    const at = Number(mmap(address, length, prot, MAP_SHARED, fd, offset))
    // MAP_FAILED is (void *)-1, not NULL.
    if (at === -1) {
      const code = errno()
      throw new BpfError({ operation, subject, errno: code, hint: options.hint?.(code) })
    }
    this.address = at
    this.length = length
    this.#subject = subject
    this.#buffer = koffi.view(BigInt(at), length)
  }

  get closed(): boolean {
    return this.#buffer === undefined
  }

  /**
   * The mapped memory.
   *
   * @throws {ClosedError} after `close()`
   */
  get buffer(): ArrayBuffer {
    if (this.#buffer === undefined) throw new ClosedError('access memory of', this.#subject)
    return this.#buffer
  }

  /** Detaches every view of the memory, then unmaps it; the second call does nothing. */
  close(): void {
    const buffer = this.#buffer
    if (buffer === undefined) return
    this.#buffer = undefined
    buffer.transfer(0)
    munmap(this.address, this.length)
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
