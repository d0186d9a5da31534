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
    const send = (bytes: number, port: number) =>
      sender.send('hello'.padEnd(bytes, '!'), { address: right.ipv4, port })
    send(92, 4242)
    send(93, 4242)
    send(93, 4243)
    const elsewhere = other.receive() // after what was sent before
    const [first, second] = [open.receiveNow(), open.receiveNow()]
    const [short, long, other_] = packets.read()
    return [
      { did: 'send 92 bytes to it', saw: short && { ...short }, outcome: received(first) },
      { did: 'send 93 bytes to it', saw: long && { ...long }, outcome: received(second) },
      {
        did: 'send 93 bytes to another socket',
        saw: other_ && { ...other_ },
        outcome: received(elsewhere),
      },
    ]
  },
}

const received = (text: string | undefined) =>
  text === undefined
    ? 'it receives nothing'
    : `it receives ${text.length} bytes: '${text.slice(0, 7)}'`
