import { Socket, errorOf, test } from '@ebpf-labs/harness'
import { expect } from 'vitest'
import { flow_dissector } from '../build/networking/flow_dissector.skel.ts'
import { sk_lookup } from '../build/networking/sk_lookup.skel.ts'
import { tc as tcSkeleton } from '../build/networking/tc.skel.ts'
import { tcx as tcxSkeleton } from '../build/networking/tcx.skel.ts'
import { xdp as xdpSkeleton } from '../build/networking/xdp.skel.ts'
import type { Hook } from '../hook.ts'
import { lackingOf } from '../lacking.ts'
import { flowDissector } from './flow_dissector.ts'
import { lwt } from './lwt.ts'
import { netfilter } from './netfilter.ts'
import { netkit } from './netkit.ts'
import { skLookup } from './sk_lookup.ts'
import { skReuseport } from './sk_reuseport.ts'
import { socketFilter } from './socket-filter.ts'
import { tc } from './tc.ts'
import { tcx } from './tcx.ts'
import { wire } from './wire.ts'
import { xdp } from './xdp.ts'

// What wire.ts sends has 7 bytes of text, 8 of UDP header, 20 of IP header and 14 of Ethernet header.
const [packet, frame] = [35, 49]
const [IPV4, TCP, UDP] = [0x0800, 6, 17]
// A namespace has lo as its first interface; the cable is its second.
const interfaceIndex = 2

const to4243 = 'send 7 bytes to 10.77.0.2:4243'
const to4242 = 'send 7 bytes to 10.77.0.2:4242'
const back = { did: 'send 4 bytes back', saw: undefined, outcome: "arrives: 'back'" }
const arrives = 'arrives at port 4242'

/** A UDP packet to a port in an Ethernet frame, without any text; everything else is 0. */
function ethernet(port: number): Uint8Array {
  const bytes = Buffer.alloc(14 + 20 + 8)
  bytes.writeUInt16BE(IPV4, 12)
  bytes.writeUInt8(0x45, 14) // version 4, 5 words of header
  bytes.writeUInt8(UDP, 23)
  bytes.writeUInt16BE(port, 36)
  return bytes
}

/** A test of a hook; skipped, with the reason in its title, where the kernel lacks it. */
function hookTest(title: string, hook: Hook, body: () => Promise<void>) {
  const lacking = lackingOf(hook)
  test.skipIf(lacking !== '')(`${hook.name}: ${title}${lacking}`, body)
}

hookTest('sees frames that come in, and drops those to one port', xdp, async () => {
  const saw = { bytes: frame, interface: interfaceIndex }
  expect(await xdp.show()).toEqual([
    { did: to4243, saw: { ...saw, port: 4243 }, outcome: 'arrives nowhere' },
    { did: to4242, saw: { ...saw, port: 4242 }, outcome: arrives },
    back,
  ])
})

hookTest('returns XDP_DROP for that port, and lets pass what is no UDP packet', xdp, async () => {
  using skel = xdpSkeleton.open().load()
  using packets = skel.maps.packets.open()
  const run = (data: Uint8Array) => skel.programs.on_frame.testRun({ data }).retval
  const [XDP_DROP, XDP_PASS] = [1, 2]
  expect(run(ethernet(4243))).toBe(XDP_DROP)
  expect(run(ethernet(4242))).toBe(XDP_PASS)
  expect(packets.read().map(({ port }) => port)).toEqual([4243, 4242])
  expect(run(ethernet(4243).subarray(0, 41))).toBe(XDP_PASS) // one byte short
  expect(packets.read()).toEqual([])
})

hookTest('sees packets that go out with their mark, and moves those to one port', tc, async () => {
  const saw = { bytes: frame, interface: interfaceIndex, mark: 7 }
  expect(await tc.show()).toEqual([
    { did: to4243, saw: { ...saw, port: 4243 }, outcome: arrives }, // so the checksum is right
    { did: to4242, saw: { ...saw, port: 4242 }, outcome: arrives },
    back,
  ])
})

hookTest('leaves a packet without a checksum without one', tc, async () => {
  await using cable = await wire()
  const { left, sender } = cable
  using skel = tcSkeleton.open().load()
  using link = left.inside(() => skel.programs.on_packet.attachTc(left.device, 'egress'))
  const [SOL_SOCKET, SO_NO_CHECK] = [1, 11] // asm-generic/socket.h
  sender.setOption(SOL_SOCKET, SO_NO_CHECK, Uint32Array.of(1))
  sender.send('moved', { address: cable.right.ipv4, port: 4243 })
  expect(cable.open.receive()).toBe('moved') // a checksum that is mended though there is none would be wrong
})

hookTest('sees packets that come in, and drops those to one port', tcx, async () => {
  const saw = { bytes: frame, interface: interfaceIndex, protocol: IPV4 }
  expect(await tcx.show()).toEqual([
    { did: to4243, saw: { ...saw, port: 4243 }, outcome: 'arrives nowhere' },
    { did: to4242, saw: { ...saw, port: 4242 }, outcome: arrives },
    back,
  ])
})

hookTest('leaves to the program after it what it does not drop', tcx, async () => {
  await using cable = await wire()
  const { right } = cable
  using first = tcxSkeleton.open().load()
  using second = tcxSkeleton.open().load()
  using packets = second.maps.packets.open()
  using one = right.inside(() => first.programs.on_packet.attachTcx(right.device))
  using two = right.inside(() => second.programs.on_packet.attachTcx(right.device))
  const [dropped, left] = cable.send(packets)
  expect([dropped?.saw, left?.saw?.['port']]).toEqual([undefined, 4242])
})

hookTest('sees what leaves its end of the pair, and drops it to one port', netkit, async () => {
  const saw = { bytes: frame, interface: interfaceIndex }
  expect(await netkit.show()).toEqual([
    { did: to4243, saw: { ...saw, port: 4243 }, outcome: 'arrives nowhere' },
    { did: to4242, saw: { ...saw, port: 4242 }, outcome: arrives },
    back,
  ])
})

hookTest('says how much of a datagram its socket gets', socketFilter, async () => {
  const saw = { protocol: IPV4, from: 4240, port: 4242 }
  expect(await socketFilter.show()).toEqual([
    {
      did: 'send 92 bytes to it',
      saw: { bytes: 100, ...saw },
      outcome: "it receives 5 bytes: 'short'",
    },
    { did: 'send 93 bytes to it', saw: { bytes: 101, ...saw }, outcome: 'it receives nothing' },
    {
      did: 'send 93 bytes to another socket',
      saw: undefined,
      outcome: "it receives 93 bytes: 'other!!'",
    },
  ])
})

hookTest('tells the rules of routing which port it is', flowDissector, async () => {
  const saw = { offset: 0, protocol: IPV4 }
  expect(await flowDissector.show()).toEqual([
    { did: to4243, saw: { ...saw, port: 4243 }, outcome: 'arrives nowhere' }, // taken for port 7
    { did: to4242, saw: { ...saw, port: 4242 }, outcome: arrives },
    back,
  ])
})

hookTest(
  'finds the headers wherever they begin, and says when there are none',
  flowDissector,
  async () => {
    using skel = flow_dissector.open().load()
    using packets = skel.maps.packets.open()
    const run = (data: Uint8Array) => skel.programs.on_question.testRun({ data })
    const whole = run(ethernet(4242))
    expect(packets.read()).toEqual([{ offset: 14, protocol: IPV4, port: 4242 }]) // after the Ethernet header
    const keys = new DataView(whole.data.buffer, whole.data.byteOffset) // struct bpf_flow_keys
    expect([keys.getUint8(9), keys.getUint16(14)]).toEqual([UDP, 4242]) // ip_proto, dport
    expect(run(ethernet(4242).subarray(0, 41)).retval).not.toBe(whole.retval) // one byte short
    expect(packets.read()).toEqual([])
  },
)

hookTest('sees packets of its route, and refuses those to one port', lwt, async () => {
  const saw = { bytes: packet, protocol: IPV4 }
  expect(await lwt.show()).toEqual([
    { did: to4243, saw: { ...saw, port: 4243 }, outcome: 'EPERM' },
    { did: to4242, saw: { ...saw, port: 4242 }, outcome: arrives },
    back,
  ])
})

hookTest('sees packets for this host, and drops those to one port', netfilter, async () => {
  const [LOCAL_IN, FAMILY] = [1, 2] // enum nf_inet_hooks, NFPROTO_IPV4
  const saw = { bytes: packet, hook: LOCAL_IN, family: FAMILY, interface: interfaceIndex }
  expect(await netfilter.show()).toEqual([
    { did: to4243, saw: { ...saw, port: 4243 }, outcome: 'arrives nowhere' },
    { did: to4242, saw: { ...saw, port: 4242 }, outcome: arrives },
    back,
  ])
})

hookTest('chooses who accepts a connection, or refuses it', skLookup, async () => {
  const did = (port: number) => `connect from port ${port + 1000} to 10.77.0.2:${port}`
  const saw = (port: number) => ({ protocol: TCP, from: port + 1000, port })
  const accepted = (at: number, from: number) =>
    `whoever listens at port ${at} accepts port ${from}`
  expect(await skLookup.show()).toEqual([
    { did: did(4241), saw: saw(4241), outcome: accepted(4241, 5241) },
    { did: did(4243), saw: saw(4243), outcome: accepted(4242, 5243) }, // where nobody listens
    { did: did(4244), saw: saw(4244), outcome: 'ECONNREFUSED' }, // where somebody does
  ])
})

hookTest('refuses when there is nobody to choose', skLookup, async () => {
  await using cable = await wire()
  const { left, right } = cable
  using _listener = right.inside(() => Socket.listen({ port: 4243 }))
  using skel = sk_lookup.open().load() // with nothing in its map
  using client = left.inside(() => Socket.tcp())
  {
    using link = skel.programs.on_lookup.attachNetns(right.path)
    const connect = () => client.connect({ address: right.ipv4, port: 4243 })
    expect(errorOf(connect)).toBe('ECONNREFUSED')
  }
  using other = left.inside(() => Socket.tcp())
  expect(other.connect({ address: right.ipv4, port: 4243 }).remote.port).toBe(4243)
})

hookTest('chooses one of the sockets that share a port', skReuseport, async () => {
  const saw = { bytes: 9, protocol: UDP, any: 1 }
  const outcome = (who: string) => `${who} socket receives it`
  expect(await skReuseport.show()).toEqual([
    { did: "send 'a' to port 4244", saw: { ...saw, letter: 97 }, outcome: outcome('the first') },
    { did: "send 'b' to port 4244", saw: { ...saw, letter: 98 }, outcome: outcome('the second') },
    { did: "send 'c' to port 4244", saw: { ...saw, letter: 99 }, outcome: outcome('no') },
    { did: "send 'a' to port 4242", saw: undefined, outcome: outcome('another') },
  ])
})
