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
const EVENT = arch === 'x64' ? { size: 12, data: 4 } : { size: 16, data: 8 }
const MAX_EVENTS = 64

const epollCreate1 = bindLibc<(flags: number) => number>('int epoll_create1(int flags)')
const epollCtl = bindLibc<(epfd: number, op: number, fd: number, event: Uint8Array) => number>(
  'int epoll_ctl(int epfd, int op, int fd, void *event)',
)
const epollWait = bindLibc<
  (epfd: number, events: Uint8Array, max: number, timeout: number) => number
>('int epoll_wait(int epfd, void *events, int maxevents, int timeout)')

/** An epoll(7) instance; each descriptor in it is known by a number of the caller's. */
export class Epoll implements Disposable {
  readonly fd: number
  readonly #events = new DataView(new ArrayBuffer(EVENT.size * MAX_EVENTS))

  constructor() {
    this.fd = check('create epoll', epollCreate1(EPOLL_CLOEXEC))
  }

  /**
   * Watches a descriptor.
   *
   * @param events EPOLLIN, EPOLLOUT, EPOLLET
   * @throws {BpfError} EBADF, EPERM for a file that cannot be polled, EEXIST if it is watched already
   */
  add(fd: number, events: number, key: number, subject: string): void {
    const event = new DataView(new ArrayBuffer(EVENT.size))
    event.setUint32(0, events, le)
    event.setBigUint64(EVENT.data, BigInt(key), le)
    const result = epollCtl(this.fd, EPOLL_CTL_ADD, fd, new Uint8Array(event.buffer))
    check('watch', result, subject)
  }

  /** Stops watching a descriptor, which must still be open. */
  remove(fd: number, subject: string): void {
    check(
      'stop watching',
      epollCtl(this.fd, EPOLL_CTL_DEL, fd, new Uint8Array(EVENT.size)),
      subject,
    )
  }

  /** Keys of the descriptors that are ready now; does not wait. */
  ready(): number[] {
    const buffer = new Uint8Array(this.#events.buffer)
    const count = check('read epoll', epollWait(this.fd, buffer, MAX_EVENTS, 0))
    return Array.from({ length: count }, (_, i) =>
      Number(this.#events.getBigUint64(i * EVENT.size + EVENT.data, le)),
    )
  }

  [Symbol.dispose](): void {
    closeSync(this.fd)
  }
}

function check(operation: string, result: number, subject?: string): number {
  if (result >= 0) return result
  throw new BpfError({ operation, subject, errno: errno() })
}
