import { closeSync } from 'node:fs'
import { arch } from 'node:process'
import { hostIsLittleEndian as le } from '../codec/byte-order.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { bindLibc } from './libc.ts'
import { errno } from './library.ts'

export const EPOLLIN = 0x001
export const EPOLLOUT = 0x004
/** Report a change once, not as long as it lasts. */
export const EPOLLET = 0x8000_0000

const EPOLL_CLOEXEC = 0x8_0000
const EPOLL_CTL_ADD = 1
const EPOLL_CTL_DEL = 2

/** struct epoll_event is packed on x86-64 alone (bits/epoll.h, __EPOLL_PACKED). */
const EVENT_SIZE = arch === 'x64' ? 12 : 16
const MAX_EVENTS = 64

const epollCreate1 = bindLibc<(flags: number) => number>('int epoll_create1(int flags)')
const epollCtl = bindLibc<(epfd: number, op: number, fd: number, event: Uint8Array) => number>(
  'int epoll_ctl(int epfd, int op, int fd, void *event)',
)
const epollWait = bindLibc<
  (epfd: number, events: Uint8Array, max: number, timeout: number) => number
>('int epoll_wait(int epfd, void *events, int maxevents, int timeout)')

/** An epoll(7) instance. */
export class Epoll implements Disposable {
  readonly fd: number
  readonly #events = new Uint8Array(EVENT_SIZE * MAX_EVENTS)

  constructor() {
    this.fd = check('create epoll', epollCreate1(EPOLL_CLOEXEC))
  }

  /**
   * Watches a descriptor.
   *
   * @param events EPOLLIN, EPOLLOUT, EPOLLET
   * @throws {BpfError} EBADF, EPERM for a file that cannot be polled, EEXIST if it is watched already
   */
  add(fd: number, events: number, subject: string): void {
    const event = new Uint8Array(EVENT_SIZE)
    new DataView(event.buffer).setUint32(0, events, le)
    check('watch', epollCtl(this.fd, EPOLL_CTL_ADD, fd, event), subject)
  }

  /** Stops watching a descriptor, which must still be open. */
  remove(fd: number, subject: string): void {
    check(
      'stop watching',
      epollCtl(this.fd, EPOLL_CTL_DEL, fd, new Uint8Array(EVENT_SIZE)),
      subject,
    )
  }

  /** Forgets the changes there were up to now, so that the instance itself is readable again at the next one. */
  drain(): void {
    let count = MAX_EVENTS
    while (count === MAX_EVENTS) {
      count = check('read epoll', epollWait(this.fd, this.#events, MAX_EVENTS, 0))
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.fd)
  }
}

function check(operation: string, result: number, subject?: string): number {
  if (result >= 0) return result
  throw new BpfError({ operation, subject, errno: errno() })
}
