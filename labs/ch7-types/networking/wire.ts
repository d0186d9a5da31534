import { type LinkKind, network } from '@ebpf-labs/harness/network'
import { stayOnCpu } from '@ebpf-labs/harness/one-cpu'
import { Socket, errorOf } from '@ebpf-labs/harness/socket'
import type { Sighting } from '../hook.ts'

/** What the programs of this folder report of a UDP packet; the port is the one it was sent to. */
interface Packet {
  port: number
}

/** Two hosts and a cable between them that carries only what their sockets send; all of it goes when it is disposed of. */
export async function wire(kind: LinkKind = 'veth') {
  await using undo = new AsyncDisposableStack()
  undo.use(stayOnCpu())
  const { left, right } = undo.use(await network(['left', 'right', kind]))
  const [sender, open, other] = [
    undo.use(left.inside(() => Socket.udp({ port: 4240 }))),
    undo.use(right.inside(() => Socket.udp({ port: 4242 }))),
    undo.use(right.inside(() => Socket.udp({ port: 4243 }))),
  ]

  /**
   * Sends to two ports of the host on the right, and a packet back. The programs do something to what is sent to port 4243.
   * @param packets what the program reports
   */
  function send(packets: { read(): readonly Packet[] }): Sighting[] {
    const error = errorOf(() => sender.send('to 4243', { address: right.ipv4, port: 4243 }))
    sender.send('to 4242', { address: right.ipv4, port: 4242 })
    const arrived = [open.receive()]
    if (arrived[0] !== 'to 4242') arrived.push(open.receive())
    // On one CPU nothing is overtaken: what did not arrive by now never will.
    const elsewhere = other.receiveNow()
    open.send('back', { address: left.ipv4, port: 4240 })
    const back = sender.receive()
    const saw = sawOf(packets.read())
    return [
      {
        did: `send 7 bytes to ${right.ipv4}:4243`,
        saw: saw(4243),
        outcome: error ?? whereIs('to 4243', arrived, elsewhere),
      },
      {
        did: `send 7 bytes to ${right.ipv4}:4242`,
        saw: saw(4242),
        outcome: whereIs('to 4242', arrived, elsewhere),
      },
      { did: 'send 4 bytes back', saw: saw(4240), outcome: `arrives: '${back}'` },
    ]
  }

  const kept = undo.move()
  return {
    left,
    right,
    sender,
    open,
    other,
    send,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

function whereIs(text: string, arrived: readonly string[], elsewhere: string | undefined): string {
  if (arrived.includes(text)) return 'arrives at port 4242'
  return elsewhere === text ? 'arrives at port 4243' : 'arrives nowhere'
}

/** Finds what a program saw of the one packet to a port. */
function sawOf(packets: readonly Packet[]) {
  return (port: number): Sighting['saw'] => {
    const [first, ...more] = packets.filter((packet) => packet.port === port)
    if (more.length > 0)
      throw new Error(`the program saw ${more.length + 1} packets to port ${port}`)
    return first && { ...first }
  }
}
