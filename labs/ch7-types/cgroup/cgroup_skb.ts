import { Cgroup } from '@ebpf-labs/harness/cgroup'
import { Socket, errorOf } from '@ebpf-labs/harness/socket'
import { cgroup_skb as skeleton } from '../build/cgroup/cgroup_skb.skel.ts'
import type { Hook, Sighting } from '../hook.ts'
import { address } from './address.ts'

export const cgroupSkb: Hook = {
  name: 'cgroup_skb',
  group: 'cgroup',
  section: 'cgroup_skb/egress, cgroup_skb/ingress',
  when: 'a socket of the cgroup sends or receives a packet',
  context: 'the packet (struct __sk_buff), from the IP header on',
  returns: '1 lets it pass, 0 drops it; EPERM for who sends it',
  since: '4.10',
  config: 'CONFIG_CGROUP_BPF',
  show() {
    using cgroup = Cgroup.make()
    using open = Socket.udp({ address, port: 4242 })
    using other = Socket.udp({ address, port: 4243 })
    using skel = skeleton.open().load()
    using packets = skel.maps.packets.open()
    using link = skel.programs.on_packet.attachCgroup(cgroup.path)

    function send(who: string, sender: Socket, receiver: Socket): Sighting {
      using _sender = sender.connect(receiver.local)
      const error = errorOf(() => sender.send('hello'))
      const [packet] = packets.read()
      return {
        did: `${who} sends 5 bytes from port ${sender.port} to port ${receiver.port}`,
        saw: packet && { ...packet },
        outcome: error ?? `arrives: '${receiver.receive()}'`,
      }
    }
    const inside = () => cgroup.inside(() => Socket.udp({ address }))
    return [
      send('a socket of the cgroup', inside(), open),
      send('a socket of the cgroup', inside(), other),
      send('another socket', Socket.udp({ address }), other),
    ]
  },
}
