/** A virtual cable between this network namespace and one of its own, so that only the tests' packets are on it. */
import { execFileSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'

export interface VethPair extends Disposable {
  /** Interface on this side. */
  device: string
  /** Its address. */
  address: string
  /** Address of the other side. */
  peer: string
  /** Path of the other side's namespace. */
  netns: string
  /** Sends UDP datagrams out of `device`. */
  send(count: number): Promise<void>
  /** Makes the other side send UDP datagrams in to `device`. */
  receive(count: number): void
}

let made = 0

/** Makes a pair of interfaces; 198.18.0.0/15 is reserved for tests of networks (RFC 2544). */
export function vethPair(): VethPair {
  const id = `${process.pid.toString(36)}${made++}`
  const [device, other, netns] = [`lb${id}`, `lp${id}`, `libbpf-test-${id}`]
  const subnet = `198.18.${process.pid % 256}`
  const host = (made * 4) % 252
  const [address, peer] = [`${subnet}.${host + 1}`, `${subnet}.${host + 2}`]
  ip('netns', 'add', netns)
  ip('link', 'add', device, 'type', 'veth', 'peer', 'name', other, 'netns', netns)
  // Without IPv6 and with known neighbours nothing is sent that the test does not send.
  write(`net.ipv6.conf.${device}.disable_ipv6=1`)
  ip('netns', 'exec', netns, 'sysctl', '-qw', `net.ipv6.conf.${other}.disable_ipv6=1`)
  ip('addr', 'add', `${address}/30`, 'dev', device)
  ip('-n', netns, 'addr', 'add', `${peer}/30`, 'dev', other)
  ip('link', 'set', device, 'up', 'address', '02:00:00:00:00:01')
  ip('-n', netns, 'link', 'set', other, 'up', 'address', '02:00:00:00:00:02')
  ip('neigh', 'add', peer, 'lladdr', '02:00:00:00:00:02', 'dev', device)
  ip('-n', netns, 'neigh', 'add', address, 'lladdr', '02:00:00:00:00:01', 'dev', other)
  return {
    device,
    address,
    peer,
    netns: `/run/netns/${netns}`,
    send: (count) => send(peer, count),
    receive: (count) => {
      const script = `for i in $(seq ${count}); do echo x > /dev/udp/${address}/9; done`
      ip('netns', 'exec', netns, 'bash', '-c', script)
    },
    [Symbol.dispose]: () => {
      ip('link', 'del', device)
      ip('netns', 'del', netns)
    },
  }
}

/** Sends UDP datagrams, one after the other. */
export async function send(address: string, count: number, port = 9): Promise<void> {
  const socket = createSocket('udp4')
  try {
    for (let n = 0; n < count; n++) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      socket.send('x', port, address, (error) => (error ? reject(error) : resolve()))
      await promise
    }
  } finally {
    const closed = once(socket, 'close')
    socket.close()
    await closed
  }
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] })
}

function write(setting: string): void {
  execFileSync('sysctl', ['-qw', setting], { stdio: ['ignore', 'ignore', 'inherit'] })
}
