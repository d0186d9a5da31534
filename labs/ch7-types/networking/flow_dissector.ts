import { flow_dissector as skeleton } from '../build/networking/flow_dissector.skel.ts'
import type { packet } from '../build/networking/flow_dissector.skel.ts'
import type { Hook } from '../hook.ts'
import { wire } from './wire.ts'

/** Packets to port 7 are thrown away, and that is asked before the addresses of this host are looked at. */
const RULES = `rule add pref 2 lookup local
rule del pref 0
rule add pref 1 ipproto udp dport 7 blackhole
`

export const flowDissector: Hook = {
  name: 'flow_dissector',
  group: 'networking',
  section: 'flow_dissector',
  when: 'the kernel asks for the addresses and ports of a packet',
  context: 'the packet (struct __sk_buff) and flow_keys to fill in',
  returns: 'BPF_OK, BPF_DROP, or BPF_FLOW_DISSECTOR_CONTINUE (6.1)',
  since: '4.20',
  async show() {
    await using cable = await wire()
    const { right } = cable
    const { code, stderr } = await right.exec(['ip', '-batch', '-'], { input: RULES })
    if (code !== 0) throw new Error(`cannot set rules: ${stderr}`)
    using skel = skeleton.open().load()
    using packets = skel.maps.packets.open()
    using link = skel.programs.on_question.attachNetns(right.path)
    return cable.send({ read: () => once(packets.read()) })
  },
}

/** The kernel asks again to check whether there is a way back. */
function once(packets: readonly packet[]): packet[] {
  const byPort = new Map(packets.map((found) => [found.port, found]))
  return [...byPort.values()]
}
