import { Cgroup } from '@ebpf-labs/harness/cgroup'
import { Socket } from '@ebpf-labs/harness/socket'
import { sockops as skeleton } from '../build/cgroup/sockops.skel.ts'
import type { Hook, Sighting } from '../hook.ts'
import { address } from './address.ts'

const [IPPROTO_TCP, TCP_CONGESTION] = [6, 13] // linux/in.h, linux/tcp.h

export const sockops: Hook = {
  name: 'sockops',
  group: 'cgroup',
  section: 'sockops',
  when: 'something happens to a TCP socket of the cgroup',
  context: 'what happens, addresses and ports, the socket’s state',
  returns: '1: ctx->reply is the answer, where the kernel asks for one',
  since: '4.13',
  config: 'CONFIG_CGROUP_BPF',
  show() {
    using cgroup = Cgroup.make()
    using server = Socket.listen({ address, port: 4242 })
    using skel = skeleton.open().load()
    using connections = skel.maps.connections.open()
    using link = skel.programs.on_tcp.attachCgroup(cgroup.path)

    function connect(who: string, client: Socket): Sighting {
      using _client = client.connect(server.local)
      using _accepted = server.accept()
      const [connection] = connections.read()
      const algorithm = client.option(IPPROTO_TCP, TCP_CONGESTION).toString().replace(/\0.*/, '')
      return {
        did: `${who} connects from port ${client.port} to port ${server.port}`,
        saw: connection && { ...connection },
        outcome: `congestion control is ${algorithm}`,
      }
    }
    return [
      connect(
        'a socket of the cgroup',
        cgroup.inside(() => Socket.tcp()),
      ),
      connect('another socket', Socket.tcp()),
    ]
  },
}
