import type { Codec } from '../../codec/codec.ts'
import { BpfError } from '../../errors/bpf-error.ts'
import { codecOfSize } from '../check-codec.ts'
import { E2BIG, ENOENT, elementError } from '../element-error.ts'
import { MapBase } from '../map.ts'
import type { MapInit } from '../map.ts'

const BPF_EXIST = 2

/** A queue (first in, first out) or a stack (last in, first out) of values. */
export class QueueMap<V = Uint8Array, VW = V> extends MapBase {
  readonly #codec: Codec<V, VW>

  constructor(init: MapInit) {
    super(init)
    this.#codec = codecOfSize(init.codecs?.value, this.valueSize, 'value', this.name)
  }

  /**
   * Adds a value.
   *
   * @param options.evict drop the oldest value when it is full (BPF_EXIST)
   * @throws {BpfError} E2BIG when it is full
   */
  push(value: VW, options: { evict?: boolean } = {}): void {
    const fd = this.fdFor('push to map')
    this.#codec.write(this.scratch.view, this.valueAt, value, this.name)
    const flags = options.evict === true ? BPF_EXIST : 0
    const errno = this.calls.update(fd, 0, this.valueAddress, flags)
    if (errno === 0) return
    if (errno !== -E2BIG) throw elementError('push to map', this, errno)
    throw new BpfError({
      operation: 'push to map',
      subject: this.name,
      errno,
      problem: `it is full with ${this.maxEntries} values`,
      hint: 'Pop first, or push with { evict: true } to drop the oldest.',
    })
  }

  /** Removes the next value and returns it; undefined when there is none. */
  pop(): V | undefined {
    return this.#next('pop from map', (fd) => this.calls.take(fd, 0, this.valueAddress, 0))
  }

  /** The next value, which stays; undefined when there is none. */
  peek(): V | undefined {
    return this.#next('peek into map', (fd) => this.calls.lookup(fd, 0, this.valueAddress, 0))
  }

  /** Removes all values in order: at most `maxEntries`, so that a program which keeps pushing does not prolong it. */
  drain(): V[] {
    const values: V[] = []
    while (values.length < this.maxEntries) {
      const value = this.pop()
      if (value === undefined) break
      values.push(value)
    }
    return values
  }

  #next(operation: string, call: (fd: number) => number): V | undefined {
    const errno = call(this.fdFor(operation))
    if (errno === 0) return this.#codec.read(this.scratch.view, this.valueAt)
    if (errno === -ENOENT) return undefined
    throw elementError(operation, this, errno)
  }
}
