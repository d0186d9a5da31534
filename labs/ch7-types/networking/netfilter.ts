import { netfilter as skeleton } from '../build/networking/netfilter.skel.ts'
import type { Hook } from '../hook.ts'
import { wire } from './wire.ts'

export const netfilter: Hook = {
  name: 'netfilter',
  group: 'networking',
  section: 'netfilter',
  when: 'a packet passes a hook of netfilter, as with nftables',
  context: 'the packet (struct sk_buff) and the hook (struct nf_hook_state)',
  returns: 'NF_ACCEPT or NF_DROP',
  since: '6.4',
  config: 'CONFIG_NETFILTER_BPF_LINK',
  async show() {
    await using cable = await wire()
    using skel = skeleton.open().load()
    using packets = skel.maps.packets.open()
    const attach = () => skel.programs.on_packet.attachNetfilter({ hook: 'local_in' })
    using link = cable.right.inside(attach)
    return cable.send(packets)
  },
}
