import { closeSync } from 'node:fs'
import { constants } from 'node:os'
import * as libc from './libc.ts'
import { SystemCallError, call } from './libc.ts'

/** An IPv4 address and a port. */
export interface Endpoint {
  address: string
  port: number
}

/** How a socket is bound. */
export interface BindOptions {
  /** All addresses if not given. */
  address?: string
  /** The kernel chooses if not given. */
  port?: number
  /** Several sockets may share the port: SO_REUSEPORT. */
  reusePort?: boolean
}

// asm-generic/socket.h, bits/socket_type.h, linux/in.h: the same on all architectures that the labs run on
const AF_INET = 2
const SOCK = { udp: 2, tcp: 1, cloexec: 0o2000000 } as const
const SOL_SOCKET = 1
const SO_REUSEADDR = 2
const SO_REUSEPORT = 15
const SO_RCVTIMEO = 20
const SO_SNDTIMEO = 21
const POLLIN = 1
const MSG_DONTWAIT = 0x40
const MSG_NOSIGNAL = 0x4000
const WAIT = 30n // seconds, as long as the harness waits for anything

/**
 * An IPv4 socket whose calls block, and whose descriptor is known: what a hook needs, and what Node's do not have. It belongs to the
 * namespace and cgroup that it was made in.
 */
export class Socket implements Disposable {
  readonly fd: number

  /** A bound UDP socket. */
  static udp(options: BindOptions = {}): Socket {
    return new Socket(call('make a UDP socket', make(SOCK.udp))).#bind(options)
  }

  /** A TCP socket that listens, also where a connection has just ended. */
  static listen(options: BindOptions = {}): Socket {
    const made = Socket.tcp(options)
    call(`listen at ${text(made.local)}`, () => libc.listen(made.fd, 16))
    return made
  }

  /** A bound TCP socket, for {@link connect}. */
  static tcp(options: BindOptions = {}): Socket {
    const made = new Socket(call('make a TCP socket', make(SOCK.tcp)))
    made.setOption(SOL_SOCKET, SO_REUSEADDR, Int32Array.of(1))
    return made.#bind(options)
  }

  /**
   * Waits until one of the sockets has something to receive or to accept.
   * @throws SystemCallError `ETIMEDOUT` if none has within 30 s
   */
  static firstReady(...sockets: readonly Socket[]): Socket {
    const entries = sockets.flatMap(({ fd }) => [fd, POLLIN]) // struct pollfd: what is found is in the upper half
    const found = Uint32Array.from(entries)
    call('wait for sockets', () => libc.poll(found, sockets.length, Number(WAIT) * 1000))
    const ready = sockets.find((_, n) => (found[2 * n + 1] ?? 0) >>> 16)
    if (ready) return ready
    throw new SystemCallError('wait for sockets', constants.errno.ETIMEDOUT)
  }

  private constructor(fd: number) {
    this.fd = fd
    const wait = new BigInt64Array([WAIT, 0n]) // struct timeval
    this.setOption(SOL_SOCKET, SO_RCVTIMEO, wait)
    this.setOption(SOL_SOCKET, SO_SNDTIMEO, wait)
  }

  /** Its own address. */
  get local(): Endpoint {
    return endpoint('own', (at, size) => libc.getsockname(this.fd, at, size))
  }

  /** Whom it is connected to. */
  get remote(): Endpoint {
    return endpoint('remote', (at, size) => libc.getpeername(this.fd, at, size))
  }

  /** The port it is bound to. */
  get port(): number {
    return this.local.port
  }

  /** @throws SystemCallError with its `code`: `ECONNREFUSED` */
  connect(to: Endpoint): this {
    call(`connect to ${text(to)}`, () => libc.connect(this.fd, sockaddr(to), 16))
    return this
  }

  /**
   * Takes the next connection to a socket that listens.
   * @throws SystemCallError `EAGAIN` if none comes within 30 s
   */
  accept(): Socket {
    return new Socket(
      call('accept a connection', () => libc.accept4(this.fd, null, null, SOCK.cloexec)),
    )
  }

  /** @param to where to; not for a connected socket */
  send(data: string, to?: Endpoint): void {
    const bytes = Buffer.from(data)
    const address = to && sockaddr(to)
    call(`send${to ? ` to ${text(to)}` : ''}`, () =>
      libc.sendto(this.fd, bytes, bytes.length, MSG_NOSIGNAL, address ?? null, address ? 16 : 0),
    )
  }

  /**
   * Waits for the next datagram or piece of the stream; the end of the stream is an empty one.
   * @throws SystemCallError `EAGAIN` if nothing comes within 30 s
   */
  receive(): string {
    return this.#receive(0)
  }

  /** What is there now, without waiting; undefined if nothing is. */
  receiveNow(): string | undefined {
    try {
      return this.#receive(MSG_DONTWAIT)
    } catch (error) {
      if (error instanceof SystemCallError && error.code === 'EAGAIN') return undefined
      throw error
    }
  }

  /** setsockopt(2) */
  setOption(level: number, name: number, value: ArrayBufferView): void {
    const set = () => libc.setsockopt(this.fd, level, name, value, value.byteLength)
    call(`set option ${name} of level ${level}`, set)
  }

  /** getsockopt(2), at most 64 bytes. */
  option(level: number, name: number): Buffer {
    const value = Buffer.alloc(64)
    const size = Uint32Array.of(value.length)
    const get = () => libc.getsockopt(this.fd, level, name, value, size)
    call(`get option ${name} of level ${level}`, get)
    return value.subarray(0, size[0])
  }

  close(): void {
    closeSync(this.fd)
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #bind({ address = '0.0.0.0', port = 0, reusePort = false }: BindOptions): this {
    try {
      if (reusePort) this.setOption(SOL_SOCKET, SO_REUSEPORT, Int32Array.of(1))
      const where = { address, port }
      call(`bind to ${text(where)}`, () => libc.bind(this.fd, sockaddr(where), 16))
      return this
    } catch (error) {
      this.close()
      throw error
    }
  }

  #receive(flags: number): string {
    const data = Buffer.alloc(0x1_0000)
    const size = call('receive', () => libc.recvfrom(this.fd, data, data.length, flags, null, null))
    return data.toString('utf8', 0, size)
  }
}

/** Error code of a system call that fails in `action`, such as `EPERM`; undefined if none does. */
export function errorOf(action: () => unknown): string | undefined {
  try {
    action()
    return undefined
  } catch (error) {
    if (error instanceof SystemCallError) return error.code
    throw error
  }
}

const make = (type: number) => () => libc.socket(AF_INET, type | SOCK.cloexec, 0)

const text = ({ address, port }: Endpoint) => `${address}:${port}`

/** struct sockaddr_in: the family in the machine's byte order, port and address in the network's. */
function sockaddr({ address, port }: Endpoint): Buffer {
  const bytes = Buffer.alloc(16)
  bytes.writeUInt16LE(AF_INET, 0)
  bytes.writeUInt16BE(port, 2)
  bytes.set(address.split('.').map(Number), 4)
  return bytes
}

function endpoint(which: string, get: (at: Buffer, size: Uint32Array) => unknown): Endpoint {
  const bytes = Buffer.alloc(16)
  call(`get the ${which} address`, () => get(bytes, Uint32Array.of(16)))
  return { address: bytes.subarray(4, 8).join('.'), port: bytes.readUInt16BE(2) }
}
