import { Cgroup } from '@ebpf-labs/harness/cgroup'
import { Socket, errorOf } from '@ebpf-labs/harness/socket'
import { sock_addr as skeleton } from '../build/cgroup/sock_addr.skel.ts'
import type { Hook, Sighting } from '../hook.ts'
import { address } from './address.ts'

export const sockAddr: Hook = {
  name: 'sock_addr',
  group: 'cgroup',
  section: 'cgroup/connect4, cgroup/bind4, cgroup/sendmsg4 …',
  when: 'a socket of the cgroup gets an address: connect(2) and others',
  context: 'the address and port, which it may change',
  returns: '1 lets the call go on, 0 refuses it: EPERM',
  since: '4.17',
  config: 'CONFIG_CGROUP_BPF',
  show() {
    using cgroup = Cgroup.make()
    using server = Socket.listen({ address, port: 4242 })
    using other = Socket.listen({ address, port: 4241 })
    using _refused = Socket.listen({ address, port: 4244 })
    using skel = skeleton.open().load()
    using calls = skel.maps.calls.open()
    using link = skel.programs.on_connect.attachCgroup(cgroup.path)

    function connect(who: string, client: Socket, port: number): Sighting {
      using _client = client
      const error = errorOf(() => client.connect({ address, port }))
      const [call] = calls.read()
      return {
        did: `${who} connects to port ${port}`,
        saw: call && { ...call, address: dotted(call.address) },
        outcome: error ?? acceptedBy(Socket.firstReady(server, other), client),
      }
    }
    const inside = () => cgroup.inside(() => Socket.tcp())
    return [
      connect('a socket of the cgroup', inside(), 4241),
      connect('a socket of the cgroup', inside(), 4243),
      connect('a socket of the cgroup', inside(), 4244),
      connect('another socket', Socket.tcp(), 4243),
    ]
  },
}

/** 0x7f400001 is 127.64.0.1. */
const dotted = (bits: number) => [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.')

function acceptedBy(server: Socket, client: Socket): string {
  using connection = server.accept()
  const same = connection.remote.port === client.port && client.remote.port === server.port
  return `${same ? 'accepted' : 'somebody else is accepted'} at port ${server.port}`
}
