import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, connect } from 'node:net'
import { BpfError } from '@ebpf-labs/libbpf'
import { struct_ops as skeleton } from '../build/other/struct_ops.skel.ts'
import type { Hook } from '../hook.ts'

export const structOps: Hook = {
  name: 'struct_ops',
  group: 'other',
  section: 'struct_ops',
  when: 'the kernel calls a function of a table that it was given',
  context: 'the function’s arguments',
  returns: 'the function’s result',
  since: '5.6',
  sinceOnArm64: '6.0',
  lacks() {
    try {
      using skel = skeleton.open().load()
      using links = skel.attach()
      return undefined
    } catch (error) {
      if (error instanceof BpfError) return error.message
      throw error
    }
  },
  async show() {
    using skel = skeleton.open().load()
    using links = skel.attach()
    using route = routeThrough('ch7_types')
    const { port, info } = await sendAndAsk(route.address, 23)
    const { port: seen, acknowledged } = skel.data.bss
    return [
      {
        did: `sent 23 bytes to port ${port} of ${route.address}`,
        saw: { port: seen, acknowledged },
        outcome: /cwnd:\d+/.exec(info)?.[0] ?? info,
      },
    ]
  },
}

/** An address of this computer; connections to it are under a congestion control of that name. */
export function routeThrough(control: string): Disposable & { address: string } {
  const address = '127.7.7.7'
  const route = ['local', address, 'dev', 'lo', 'table', 'local']
  execFileSync('ip', ['route', 'replace', ...route, 'congctl', control]) // one may be left of a run that was killed
  return { address, [Symbol.dispose]: () => void execFileSync('ip', ['route', 'del', ...route]) }
}

/** Sends so many bytes over a new TCP connection, and asks ss(8) about the socket when they have arrived. */
export async function sendAndAsk(
  address: string,
  bytes: number,
): Promise<{ port: number; info: string }> {
  await using server = createServer((socket) => socket.pipe(socket)).listen(0, address)
  await once(server, 'listening')
  const own = server.address()
  const port = typeof own === 'object' && own ? own.port : 0
  // Its answers go by the route of this address, so that only one side has the congestion control.
  const socket = connect({ port, host: address, localAddress: '127.0.0.1' })
  socket.write('x'.repeat(bytes))
  await once(socket, 'data')
  const info = execFileSync('ss', ['-tinH', 'dport', '=', `:${port}`], { encoding: 'utf8' })
  socket.destroy()
  return { port, info }
}
