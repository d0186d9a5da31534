import koffi from 'koffi'
import type { node } from 'koffi'
import { BpfError } from '../errors/bpf-error.ts'
import { EPOLLET, EPOLLIN, Epoll } from '../ffi/epoll.ts'

/**
 * Waits for descriptors on Node's event loop.
 *
 * koffi's poll handle aborts the process over a bad descriptor, one that is watched twice or one that
 * is closed too early. So it watches a single descriptor that is ours: an epoll instance, into which
 * the real ones go with epoll_ctl(2), whose errors are returned.
 */
class Poller {
  readonly #epoll = new Epoll()
  readonly #watches = new Set<Watch>()
  readonly #poll: node.PollHandle
  #waiting = 0
  #dispatching = false

  constructor() {
    // The types promise the events alone, but koffi calls back with a status first (koffi/src/uv.cc, OnPoll).
    const onPoll = (status: unknown): void => this.#onPoll(Number(status))
    this.#poll = koffi.node.poll(this.#epoll.fd, { readable: true }, onPoll)
    this.#poll.unref()
  }

  add(fds: readonly number[], events: number, name: string): Watch {
    const watch = new Watch(this, name)
    this.#watches.add(watch)
    try {
      for (const fd of fds) {
        this.#epoll.add(fd, events | EPOLLET, name)
        watch.fds.push(fd)
      }
    } catch (error) {
      watch[Symbol.dispose]()
      throw error
    }
    return watch
  }

  remove(watch: Watch): void {
    this.#watches.delete(watch)
    try {
      for (const fd of watch.fds) this.#epoll.remove(fd, watch.name)
    } finally {
      if (this.#watches.size === 0) this.discard()
    }
  }

  /** Once the handle is closed nothing may touch it any more; its descriptor goes after it. */
  discard(): void {
    pollers.delete(this)
    this.#poll.close()
    this.#epoll[Symbol.dispose]()
  }

  /** Node stays alive as long as somebody waits, not as long as a reader is open. */
  waiting(change: 1 | -1): void {
    this.#waiting += change
    if (this.#waiting === 0) this.#poll.unref()
    else if (this.#waiting === 1 && change === 1) this.#poll.ref()
  }

  #onPoll(status: number): void {
    if (this.#dispatching) return
    this.#dispatching = true
    // koffi calls back outside of Node's callback scope: promises resolved here would continue only
    // when something else happens to run. An immediate comes in the same turn of the loop.
    setImmediate(() => {
      this.#dispatching = false
      if (pollers.has(this)) this.#dispatch(status)
    })
  }

  #dispatch(status: number): void {
    try {
      if (status < 0) throw new BpfError({ operation: 'wait for events', errno: status })
      this.#epoll.drain()
      // All of them, not only those that epoll names: perf events say that they are ready once
      // (kernel/events/core.c, perf_poll), and Node's own epoll asked before ours could. Who is
      // woken looks into its buffer anyway.
      for (const watch of this.#watches) watch.wake()
    } catch (error) {
      // An exception in a poll callback is swallowed by koffi: whoever waits must hear of it.
      for (const watch of this.#watches) watch.fail(error)
    }
  }
}

/** Keeps pollers from the garbage collector, which would stop them without a word. */
const pollers = new Set<Poller>()

/** Descriptors that are waited for together. */
export class Watch implements Disposable {
  readonly fds: number[] = []
  readonly name: string
  readonly #poller: Poller
  #waiter: PromiseWithResolvers<void> | undefined
  #closed = false

  constructor(poller: Poller, name: string) {
    this.#poller = poller
    this.name = name
  }

  /**
   * Resolves at the next change of a descriptor, or `wake()`.
   *
   * Changes before the call are not remembered: look for data first, in the same turn.
   */
  wait(): Promise<void> {
    if (this.#closed) return Promise.resolve()
    if (this.#waiter === undefined) {
      this.#waiter = Promise.withResolvers()
      this.#poller.waiting(1)
    }
    return this.#waiter.promise
  }

  wake(): void {
    this.#settle()?.resolve()
  }

  fail(error: unknown): void {
    this.#settle()?.reject(error)
  }

  /** Stops watching and lets who waits go on; the descriptors must still be open. */
  [Symbol.dispose](): void {
    if (this.#closed) return
    this.#closed = true
    this.wake()
    this.#poller.remove(this)
  }

  #settle(): PromiseWithResolvers<void> | undefined {
    const waiter = this.#waiter
    if (waiter === undefined) return undefined
    this.#waiter = undefined
    this.#poller.waiting(-1)
    return waiter
  }
}

/**
 * Watches descriptors on Node's event loop, all that there are through one epoll instance.
 *
 * @param events EPOLLIN or EPOLLOUT; only changes are reported (EPOLLET)
 * @throws {BpfError} if a descriptor cannot be polled, or is watched already
 */
export function watchFds(fds: readonly number[], name: string, events: number = EPOLLIN): Watch {
  const [existing] = pollers
  const poller = existing ?? new Poller()
  pollers.add(poller)
  return poller.add(fds, events, name)
}
