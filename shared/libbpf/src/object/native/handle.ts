import { BpfError } from '../../errors/bpf-error.ts'
import { ClosedError } from '../../errors/closed-error.ts'
import { bindLibbpf } from '../../ffi/libbpf.ts'
import { warnIfLeaked, closedProperly } from './leak.ts'

const close = bindLibbpf<(object: bigint) => void>('void bpf_object__close(void *)')

/** How long a loaded object may do nothing before that deserves a word, in ms. */
const IDLE = 5000

/** How far an object has come: opened, loaded into the kernel, or spoilt by a failed load. */
export type ObjectState = 'opened' | 'loaded' | 'failed'

/**
 * Owns a `struct bpf_object`; everything made from the object holds its handle and asks it before touching C memory.
 */
export class ObjectHandle {
  readonly name: string
  state: ObjectState = 'opened'
  readonly #pointer: bigint
  readonly #cleanups: (() => void)[] = []
  #closed = false
  #holds = 0
  #idle: NodeJS.Timeout | undefined

  constructor(pointer: bigint, name: string) {
    this.#pointer = pointer
    this.name = name
    warnIfLeaked(this, `BPF object '${name}'`)
  }

  get closed(): boolean {
    return this.#closed
  }

  /**
   * The `struct bpf_object *`.
   * @throws {ClosedError} after close()
   */
  pointer(operation: string, subject?: string): bigint {
    this.assertOpen(operation, subject)
    return this.#pointer
  }

  /** @throws {ClosedError} after close() */
  assertOpen(operation: string, subject = this.name): void {
    if (this.#closed) {
      throw new ClosedError(
        operation,
        subject,
        subject === this.name ? undefined : `its object '${this.name}'`,
      )
    }
  }

  /** @throws {BpfError} unless the object waits to be loaded: settings count until then */
  assertNotLoaded(operation: string, subject?: string): void {
    if (this.state !== 'failed') this.assertOpen(operation, subject)
    if (this.state !== 'opened') throw this.spent(operation, subject)
  }

  /** The error for use of a spec after load(). */
  spent(operation: string, subject?: string): BpfError {
    return new BpfError({
      operation,
      subject,
      problem: `object '${this.name}' ${this.state === 'failed' ? 'is spent, its load failed' : 'is already loaded'}`,
      hint: 'Settings count until load(): use what load() returned, or open the object again.',
    })
  }

  /** @throws {BpfError} if load() has not succeeded */
  assertLoaded(operation: string, subject?: string): void {
    this.assertOpen(operation, subject)
    if (this.state === 'loaded') return
    throw new BpfError({
      operation,
      subject,
      problem: `object '${this.name}' is not loaded`,
      hint: 'Call load() first and use what it returns.',
    })
  }

  /** Runs `cleanup` when the object is closed, before its C memory goes. */
  onClose(cleanup: () => void): void {
    this.#cleanups.push(cleanup)
  }

  /**
   * Warns if none of the object's programs is attached, run or passed on soon: forgotten, it looks as if nothing ever happened.
   * @param programs names of those that `attach()` would attach
   */
  expectUse(programs: readonly string[]): void {
    if (programs.length === 0) return
    this.#idle = setTimeout(() => {
      process.emitWarning(
        `object '${this.name}' was loaded ${IDLE / 1000} s ago and none of its programs is attached (${programs.join(', ')}): ` +
          'nothing will come from them. Call attach() on the object, or attachXdp() and the like on a program.',
        { type: 'BpfNotAttachedWarning' },
      )
    }, IDLE).unref()
    this.onClose(() => this.used())
  }

  /** Tells that a program of the object is attached, run or passed on. */
  used(): void {
    clearTimeout(this.#idle)
  }

  /** Keeps the C object for something libbpf still needs it for, such as a USDT link, even after close(). */
  hold(): { release(): void } {
    this.used()
    this.#holds++
    let released = false
    return {
      release: () => {
        if (released) return
        released = true
        this.#holds--
        this.#free()
      },
    }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const cleanup of this.#cleanups.splice(0)) cleanup()
    this.#free()
  }

  #free(): void {
    if (!this.#closed || this.#holds > 0) return
    closedProperly(this)
    close(this.#pointer)
  }
}
