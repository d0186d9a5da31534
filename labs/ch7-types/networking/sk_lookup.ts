import { Socket, errorOf } from '@ebpf-labs/harness/socket'
import { sk_lookup as skeleton } from '../build/networking/sk_lookup.skel.ts'
import type { Hook, Sighting } from '../hook.ts'
import { wire } from './wire.ts'

export const skLookup: Hook = {
  name: 'sk_lookup',
  group: 'networking',
  section: 'sk_lookup',
  when: 'a packet comes for which a listening socket is looked for',
  context: 'both addresses and ports, and the protocol',
  returns: 'SK_PASS or SK_DROP; bpf_sk_assign() chooses the socket',
  since: '5.9',
  async show() {
    await using cable = await wire()
    const { left, right } = cable
    using server = right.inside(() => Socket.listen({ port: 4242 }))
    using other = right.inside(() => Socket.listen({ port: 4241 }))
    using _closed = right.inside(() => Socket.listen({ port: 4244 }))
    using skel = skeleton.open().load()
    using lookups = skel.maps.lookups.open()
    skel.maps.sockets.set(0, server.fd)
    using link = skel.programs.on_lookup.attachNetns(right.path)
    return [4241, 4243, 4244].map((port): Sighting => {
      using client = left.inside(() => Socket.tcp({ port: port + 1000 }))
      const error = errorOf(() => client.connect({ address: right.ipv4, port }))
      const [lookup] = lookups.read()
      return {
        did: `connect from port ${port + 1000} to ${right.ipv4}:${port}`,
        saw: lookup && { ...lookup },
        outcome: error ?? acceptedBy(server, other),
      }
    })
  },
}

function acceptedBy(...servers: Socket[]): string {
  const server = Socket.firstReady(...servers)
  using connection = server.accept()
  return `whoever listens at port ${server.port} accepts port ${connection.remote.port}`
}
