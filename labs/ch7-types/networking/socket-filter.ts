import { socket_filter as skeleton } from '../build/networking/socket-filter.skel.ts'
import type { Hook } from '../hook.ts'
import { wire } from './wire.ts'

export const socketFilter: Hook = {
  name: 'socket-filter',
  group: 'networking',
  section: 'socket',
  when: 'a socket is about to receive something',
  context: 'what it is to receive (struct __sk_buff)',
  returns: 'how many bytes of it the socket gets; 0 drops it',
  since: '3.19',
  async show() {
    await using cable = await wire()
    const { right, sender, open, other } = cable
    using skel = skeleton.open().load()
    using packets = skel.maps.packets.open()
    using link = skel.programs.on_datagram.attachSocket(open.fd)
    const send = (text: string, bytes: number, port: number) =>
      sender.send(text.padEnd(bytes, '!'), { address: right.ipv4, port })
    send('short', 92, 4242)
    send('long', 93, 4242)
    send('other', 93, 4243)
    const elsewhere = other.receive() // after what was sent before
    const first = open.receiveNow()
    const second = open.receiveNow()
    const [short, long, another] = packets.read()
    return [
      { did: 'send 92 bytes to it', saw: short && { ...short }, outcome: received(first) },
      { did: 'send 93 bytes to it', saw: long && { ...long }, outcome: received(second) },
      {
        did: 'send 93 bytes to another socket',
        saw: another && { ...another },
        outcome: received(elsewhere),
      },
    ]
  },
}

const received = (text: string | undefined) =>
  text === undefined
    ? 'it receives nothing'
    : `it receives ${text.length} bytes: '${text.slice(0, 7)}'`
