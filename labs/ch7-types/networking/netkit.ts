import { netkit as skeleton } from '../build/networking/netkit.skel.ts'
import type { Hook } from '../hook.ts'
import { wire } from './wire.ts'

export const netkit: Hook = {
  name: 'netkit',
  group: 'networking',
  section: 'netkit/primary, netkit/peer',
  when: 'a packet goes from one end of a netkit pair to the other',
  context: 'the packet (struct __sk_buff), which it may change',
  returns: 'NETKIT_NEXT, NETKIT_PASS, NETKIT_DROP or NETKIT_REDIRECT',
  since: '6.7',
  config: 'CONFIG_NETKIT',
  async show() {
    await using cable = await wire('netkit')
    const { left } = cable // which has the primary end
    using skel = skeleton.open().load()
    using packets = skel.maps.packets.open()
    using link = left.inside(() => skel.programs.on_packet.attachNetkit(left.device))
    return cable.send(packets)
  },
}
