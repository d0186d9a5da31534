import { xdp as skeleton } from '../build/networking/xdp.skel.ts'
import type { Hook } from '../hook.ts'
import { wire } from './wire.ts'

export const xdp: Hook = {
  name: 'xdp',
  group: 'networking',
  section: 'xdp',
  when: 'a frame comes in, before the kernel has looked at it',
  context: 'the bytes of the frame, the interface and its queue',
  returns: 'XDP_PASS, XDP_DROP, XDP_TX or XDP_REDIRECT',
  since: '4.8',
  async show() {
    await using cable = await wire()
    const { right } = cable
    using skel = skeleton.open().load()
    using packets = skel.maps.packets.open()
    using link = right.inside(() => skel.programs.on_frame.attachXdp(right.device))
    return cable.send(packets)
  },
}
