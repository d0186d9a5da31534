import { tcx as skeleton } from '../build/networking/tcx.skel.ts'
import type { Hook } from '../hook.ts'
import { wire } from './wire.ts'

export const tcx: Hook = {
  name: 'tcx',
  group: 'networking',
  section: 'tcx/ingress, tcx/egress',
  when: 'a packet comes in or goes out, in an order of one’s choice',
  context: 'the packet (struct __sk_buff), which it may change',
  returns: 'TCX_NEXT, TCX_PASS, TCX_DROP or TCX_REDIRECT',
  since: '6.6',
  config: 'CONFIG_NET_XGRESS',
  async show() {
    await using cable = await wire()
    const { right } = cable
    using skel = skeleton.open().load()
    using packets = skel.maps.packets.open()
    using link = right.inside(() => skel.programs.on_packet.attachTcx(right.device))
    return cable.send(packets)
  },
}
