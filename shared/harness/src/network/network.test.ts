import { expect } from 'vitest'
import { kernelTooOld } from '../kernel.ts'
import { test } from '../test.ts'
import { Socket, errorOf } from './socket.ts'

/** Tries to connect where nobody listens: each time one SYN goes out and one RST comes back. */
const knock = (...addresses: string[]) => [
  'bash',
  '-c',
  addresses.map((address) => `(: < /dev/tcp/${address}/9)`).join('\n'),
]

test('what is sent over IPv4 and IPv6, and nothing else, is counted on both ends', async ({
  network,
}) => {
  const { left, right } = await network()
  const addresses = Array.from({ length: 23 }, (_, n) => (n % 2 ? right.ipv4 : right.ipv6))
  const { stderr } = await left.exec(knock(...addresses))
  expect(stderr.match(/connect: Connection refused/g)).toHaveLength(23)
  expect(await left.counters()).toMatchObject({ tx: { packets: 23 }, rx: { packets: 23 } })
  expect(await right.counters()).toMatchObject({ tx: { packets: 23 }, rx: { packets: 23 } })
})

test('a chain of three has one device per neighbour, and only neighbours reach each other', async ({
  network,
}) => {
  const { client, balancer, server } = await network(['client', 'balancer'], ['balancer', 'server'])
  expect(balancer.interfaces.map(({ device }) => device)).toEqual(['to-client', 'to-server'])
  await balancer.exec(knock(server.ipv4))
  expect((await server.counters()).rx.packets).toBe(1)
  expect((await client.counters()).rx.packets).toBe(0)
  const { stderr } = await client.exec(knock(server.ipv4))
  expect(stderr).toContain('Network is unreachable')
})

test('a socket that is made inside a namespace stays there', async ({ network }) => {
  const { left, right } = await network()
  using receiver = right.inside(() => Socket.udp({ address: right.ipv4, port: 4242 }))
  using sender = left.inside(() => Socket.udp())
  sender.send('hello', receiver.local)
  expect(receiver.receive()).toBe('hello')
  using outside = Socket.udp()
  expect(errorOf(() => outside.connect(receiver.local).send('hello'))).not.toBe('ECONNREFUSED')
  expect(receiver.receiveNow()).toBeUndefined()
})

test('checksums are complete on the wire', async ({ network }) => {
  const { left, right } = await network()
  const dump = await right.run([
    'tcpdump',
    '-Z',
    'root',
    '-vv',
    '-n',
    '-l',
    '-c',
    '2',
    'udp or tcp',
  ])
  await dump.line('listening on')
  using sender = left.inside(() => Socket.udp())
  sender.send('hello', { address: right.ipv4, port: 9 })
  using client = left.inside(() => Socket.tcp())
  expect(errorOf(() => client.connect({ address: right.ipv4, port: 9 }))).toBe('ECONNREFUSED')
  const { stdout } = await dump.exit()
  expect(stdout).toMatch(/\[udp sum ok\]/)
  expect(stdout).toMatch(/cksum 0x\w+ \(correct\)/)
})

const noNetkit = kernelTooOld('6.7')

test.skipIf(noNetkit !== '')(
  `a netkit pair joins like a veth pair${noNetkit}`,
  async ({ network }) => {
    const { host, container } = await network(['host', 'container', 'netkit'])
    using receiver = container.inside(() => Socket.udp({ port: 4242 }))
    using sender = host.inside(() => Socket.udp())
    sender.send('hello', { address: container.ipv4, port: 4242 })
    expect(receiver.receive()).toBe('hello')
    const { stdout } = await host.exec(['ip', '-d', 'link', 'show', host.device])
    expect(stdout).toContain('netkit mode l2 type primary')
  },
)

test('two networks of the same shape exist side by side', async ({ network }) => {
  const [first, second] = [await network(), await network()]
  await first.left.exec(knock(first.right.ipv4))
  expect((await first.right.counters()).rx.packets).toBe(1)
  expect((await second.right.counters()).rx.packets).toBe(0)
})

test('a name that makes no device is refused before anything is made', async ({ network }) => {
  await expect(network(['a', 'much-too-long-name'])).rejects.toThrow('at most 12 letters')
})
