import { expect } from 'vitest'
import { test } from '../test.ts'

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

test('two networks of the same shape exist side by side', async ({ network }) => {
  const [first, second] = [await network(), await network()]
  await first.left.exec(knock(first.right.ipv4))
  expect((await first.right.counters()).rx.packets).toBe(1)
  expect((await second.right.counters()).rx.packets).toBe(0)
})

test('a name that makes no device is refused before anything is made', async ({ network }) => {
  await expect(network(['a', 'much-too-long-name'])).rejects.toThrow('at most 12 letters')
})
