import { makePinFolder, removePinFolder } from '@ebpf-labs/harness/pins'
import { lwt as skeleton } from '../build/networking/lwt.skel.ts'
import type { Hook } from '../hook.ts'
import { wire } from './wire.ts'

export const lwt: Hook = {
  name: 'lwt',
  group: 'networking',
  section: 'lwt_in, lwt_out, lwt_xmit',
  when: 'a packet takes a route that says so',
  context: 'the packet (struct __sk_buff), from the IP header on',
  returns: 'BPF_OK, BPF_DROP, BPF_REDIRECT or BPF_LWT_REROUTE',
  since: '4.10',
  config: 'CONFIG_LWTUNNEL_BPF',
  async show() {
    await using cable = await wire()
    const { left, right } = cable
    using skel = skeleton.open().load()
    using packets = skel.maps.packets.open()
    using pins = new DisposableStack()
    const pin = `${pins.adopt(makePinFolder(), removePinFolder)}/on_route`
    skel.programs.on_route.pin(pin) // ip(8) finds it there
    const route = `${right.ipv4}/32 encap bpf xmit pinned ${pin} dev ${left.device}`
    const { code, stderr } = await left.exec(['ip', 'route', 'add', ...route.split(' ')])
    if (code !== 0) throw new Error(`cannot add route ${route}: ${stderr}`)
    return cable.send(packets)
  },
}
