/**
 * How a program tells what it lost.
 *
 * The kernel does not count records that found no room: `bpf_ringbuf_reserve()` returns NULL,
 * `bpf_ringbuf_output()` -EAGAIN. Count them in the program,
 *
 *     __u64 dropped;                                 // in .bss
 *     e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
 *     if (!e) { __sync_fetch_and_add(&dropped, 1); return 0; }
 *
 * and give the counter to the reader: `open({ dropped: () => skel.data.bss.dropped })`.
 */
export interface DropOptions {
  /** The program's own count of events it could not send. */
  dropped?: (() => number | bigint) | undefined
  /** Called with the number of newly lost events; otherwise a process warning tells. */
  onDrop?: ((count: number) => void) | undefined
}

/** Milliseconds between two warnings. */
const WARN_EVERY = 1000

/** Watches a program's count of lost events, and never lets it grow unnoticed. */
export class DropCounter {
  readonly #name: string
  readonly #dropped: (() => number | bigint) | undefined
  readonly #onDrop: (count: number) => void
  readonly #start: bigint
  #reported = 0
  #unwarned = 0
  #lastWarning = -WARN_EVERY

  constructor(name: string, options: DropOptions) {
    this.#name = name
    this.#dropped = options.dropped
    this.#onDrop = options.onDrop ?? ((count) => this.#warn(count))
    this.#start = BigInt(options.dropped?.() ?? 0)
  }

  /** Events lost since the start; undefined if nobody counts. */
  get count(): number | undefined {
    return this.#dropped && Number(BigInt(this.#dropped()) - this.#start)
  }

  /** Reports what was lost since the last check. */
  check(): void {
    const { count } = this
    if (count === undefined || count <= this.#reported) return
    const fresh = count - this.#reported
    this.#reported = count
    this.#onDrop(fresh)
  }

  /** The last check; does not wait for the next warning. */
  close(): void {
    this.#lastWarning = -WARN_EVERY
    this.check()
    if (this.#unwarned > 0) this.#warn(0)
  }

  #warn(count: number): void {
    this.#unwarned += count
    const now = performance.now()
    if (now - this.#lastWarning < WARN_EVERY) return
    this.#lastWarning = now
    const n = this.#unwarned
    this.#unwarned = 0
    process.emitWarning(
      `${n} event${n === 1 ? '' : 's'} of '${this.#name}' lost: its buffer was full`,
      {
        type: 'BpfLostEvents',
        detail: 'Make the buffer larger (max_entries), or send fewer events.',
      },
    )
  }
}
