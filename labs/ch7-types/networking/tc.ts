import { tc as skeleton } from '../build/networking/tc.skel.ts'
import type { Hook } from '../hook.ts'
import { wire } from './wire.ts'

const [SOL_SOCKET, SO_MARK] = [1, 36] // asm-generic/socket.h

export const tc: Hook = {
  name: 'tc',
  group: 'networking',
  section: 'tc',
  when: 'a packet goes out or comes in, as a filter of the clsact qdisc',
  context: 'the packet (struct __sk_buff), which it may change',
  returns: 'TC_ACT_OK, TC_ACT_SHOT, TC_ACT_REDIRECT and more',
  since: '4.5',
  config: 'CONFIG_NET_CLS_BPF',
  async show() {
    await using cable = await wire()
    const { left, sender } = cable
    using skel = skeleton.open().load()
    using packets = skel.maps.packets.open()
    using link = left.inside(() => skel.programs.on_packet.attachTc(left.device, 'egress'))
    sender.setOption(SOL_SOCKET, SO_MARK, Uint32Array.of(7))
    return cable.send(packets)
  },
}
