import { expect } from 'vitest'
import { test } from '../test.ts'
import { Socket, errorOf } from './socket.ts'

const nobody = { address: '127.0.0.1', port: 9 }

test('a datagram arrives, and its sender is who its address says', () => {
  using receiver = Socket.udp({ address: '127.0.0.1' })
  using sender = Socket.udp()
  expect(receiver.receiveNow()).toBeUndefined()
  sender.send('hello', receiver.local)
  expect(receiver.receive()).toBe('hello')
  sender.connect(receiver.local).send('again')
  expect(receiver.receive()).toBe('again')
  expect(sender.remote).toEqual({ address: '127.0.0.1', port: receiver.port })
})

test('a connection is accepted, carries text both ways, and ends', () => {
  using listener = Socket.listen({ address: '127.0.0.1' })
  using client = Socket.tcp().connect(listener.local)
  {
    using server = listener.accept()
    expect(server.remote).toEqual(client.local)
    client.send('ping')
    expect(server.receive()).toBe('ping')
    server.send('pong')
  }
  expect(client.receive()).toBe('pong')
  expect(client.receive()).toBe('') // the end
})

test('a call that fails says what was tried and why', () => {
  using client = Socket.tcp()
  expect(errorOf(() => client.connect(nobody))).toBe('ECONNREFUSED')
  expect(() => client.connect(nobody)).toThrow(
    'cannot connect to 127.0.0.1:9: connection refused (ECONNREFUSED)',
  )
  using bound = Socket.udp()
  expect(errorOf(() => Socket.udp({ port: bound.port }))).toBe('EADDRINUSE')
  expect(errorOf(() => undefined)).toBeUndefined()
  expect(() => errorOf(() => JSON.parse('{'))).toThrow(SyntaxError)
})

test('sockets that say so share a port', () => {
  using first = Socket.udp({ reusePort: true })
  using second = Socket.udp({ port: first.port, reusePort: true })
  expect(second.port).toBe(first.port)
})

test('of several sockets, the one with something to receive or accept is found', () => {
  using idle = Socket.udp({ address: '127.0.0.1' })
  using listener = Socket.listen({ address: '127.0.0.1' })
  using receiver = Socket.udp({ address: '127.0.0.1' })
  using client = Socket.tcp().connect(listener.local)
  expect(Socket.firstReady(idle, listener, receiver)).toBe(listener)
  listener.accept().close()
  idle.send('hello', receiver.local)
  expect(Socket.firstReady(idle, listener, receiver)).toBe(receiver)
  expect(client.remote).toEqual(listener.local)
})

test('options are set and read', () => {
  using socket = Socket.udp()
  const [SOL_SOCKET, SO_PRIORITY] = [1, 12]
  socket.setOption(SOL_SOCKET, SO_PRIORITY, Uint32Array.of(6))
  expect(socket.option(SOL_SOCKET, SO_PRIORITY)).toEqual(Buffer.from([6, 0, 0, 0]))
})
