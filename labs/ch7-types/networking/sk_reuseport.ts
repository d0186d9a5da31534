import { Socket } from '@ebpf-labs/harness/socket'
import { sk_reuseport as skeleton } from '../build/networking/sk_reuseport.skel.ts'
import type { Hook, Sighting } from '../hook.ts'
import { wire } from './wire.ts'

export const skReuseport: Hook = {
  name: 'sk_reuseport',
  group: 'networking',
  section: 'sk_reuseport',
  when: 'one of the sockets that share a port is to be chosen',
  context: 'the packet, from the UDP or TCP header on',
  returns: 'SK_PASS or SK_DROP; bpf_sk_select_reuseport() chooses',
  since: '4.19',
  async show() {
    await using cable = await wire()
    const { right, sender, open } = cable
    const join = () => right.inside(() => Socket.udp({ port: 4244, reusePort: true }))
    using first = join()
    using second = join()
    using skel = skeleton.open().load()
    using packets = skel.maps.packets.open()
    skel.maps.sockets.set(0, first.fd)
    skel.maps.sockets.set(1, second.fd)
    using link = skel.programs.on_choice.attachReuseport(first.fd)

    function send(letter: string, port: number): Sighting {
      const address = right.ipv4
      sender.send(letter, { address, port })
      sender.send('end', { address, port: open.port }) // arrives after it
      const received = [open.receive()]
      if (received[0] !== 'end') received.push(open.receive())
      const places = { 'the first': first, 'the second': second }
      const got = Object.entries(places).filter(([, socket]) => socket.receiveNow() === letter)
      const who = received.includes(letter) ? 'another' : got.map(([name]) => name).join(' and ')
      const [packet] = packets.read()
      return {
        did: `send '${letter}' to port ${port}`,
        saw: packet && { ...packet },
        outcome: `${who || 'no'} socket receives it`,
      }
    }
    return [send('a', 4244), send('b', 4244), send('c', 4244), send('a', 4242)]
  },
}
