// oxlint-disable typescript/no-unsafe-type-assertion -- Node hides what its sockets are made of
/** Sockets of this process with their file descriptors. */
import { createSocket } from 'node:dgram'
import type { Socket as DatagramSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { bindLibc } from '../src/ffi/libc.ts'

export const SOL_SOCKET = 1
export const SO_REUSEADDR = 2
export const getsockopt = bindLibc<
  (fd: number, level: number, option: number, value: Int32Array, size: Int32Array) => number
>('int getsockopt(int, int, int, void *, void *)')
export const setsockopt = bindLibc<
  (fd: number, level: number, option: number, value: Int32Array, size: number) => number
>('int setsockopt(int, int, int, const void *, unsigned int)')

/** A bound UDP socket. */
export async function udp({ port = 0, reusePort = false } = {}) {
  const socket = createSocket({ type: 'udp4', reusePort })
  const bound = Promise.race([
    once(socket, 'listening'),
    once(socket, 'error').then(([error]) => Promise.reject(error as Error)),
  ])
  socket.bind(port, '127.0.0.1')
  await bound
  return {
    port: socket.address().port,
    fd: fdOf(socket),
    async messages(count: number) {
      for (let n = 0; n < count; n++) await once(socket, 'message')
    },
    async [Symbol.asyncDispose]() {
      const closed = once(socket, 'close')
      socket.close()
      await closed
    },
  }
}

/** Both ends of a TCP connection. */
export async function tcp() {
  const listener = createServer()
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const accepted = once(listener, 'connection') as Promise<[Socket]>
  const client = connect((listener.address() as AddressInfo).port, '127.0.0.1')
  await once(client, 'connect')
  const [server] = await accepted
  return {
    fd: fdOf(client),
    server,
    serverFd: fdOf(server),
    async write(text: string) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      client.write(text, (error) => (error ? reject(error) : resolve()))
      await promise
    },
    async [Symbol.asyncDispose]() {
      const closed = once(listener, 'close')
      client.destroy()
      server.destroy()
      listener.close()
      await closed
    },
  }
}

/** Node shows the descriptor of a socket only in its internals. */
function fdOf(socket: DatagramSocket | Socket): number {
  const internals = socket as unknown as Record<
    symbol | string,
    { handle?: { fd: number }; fd: number }
  >
  const handle = internals['_handle']
  if (handle) return handle.fd
  const state = Object.getOwnPropertySymbols(socket).find(
    ({ description }) => description === 'state symbol',
  )
  return internals[state as symbol]!.handle!.fd
}
