import { closeSync } from 'node:fs'
import { ClosedError } from '../errors/closed-error.ts'

/** A file descriptor from bpf(2) or perf_event_open(2) that is closed at the end of its `using` block. */
export class Fd {
  readonly #name: string
  #fd: number | undefined

  /** @param name what it is, for the error when it is used after close(): `map 'counts'` */
  constructor(fd: number, name: string) {
    this.#fd = fd
    this.#name = name
  }

  /** The number of the descriptor.
   *
   * @throws ClosedError after close()
   */
  get fd(): number {
    if (this.#fd === undefined) throw new ClosedError('use file descriptor of', this.#name)
    return this.#fd
  }

  get closed(): boolean {
    return this.#fd === undefined
  }

  /** Closes the descriptor; closing twice is harmless. */
  close(): void {
    if (this.#fd === undefined) return
    const fd = this.#fd
    this.#fd = undefined
    closeSync(fd)
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
