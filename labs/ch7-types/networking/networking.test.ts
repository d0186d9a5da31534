import { kernelTooOld, test } from '@ebpf-labs/harness'
import { expect } from 'vitest'
import type { Hook } from '../hook.ts'
import { flowDissector } from './flow_dissector.ts'
import { lwt } from './lwt.ts'
import { netfilter } from './netfilter.ts'
import { netkit } from './netkit.ts'
import { skLookup } from './sk_lookup.ts'
import { skReuseport } from './sk_reuseport.ts'
import { socketFilter } from './socket-filter.ts'
import { tc } from './tc.ts'
import { tcx } from './tcx.ts'
import { xdp } from './xdp.ts'

// What wire.ts sends has 7 bytes of text, 8 of UDP header, 20 of IP header and 14 of Ethernet header.
const [packet, frame] = [35, 49]
const [IPV4, TCP, UDP] = [0x0800, 6, 17]
// A namespace has lo as its first interface; the cable is its second.
const cable = 2

const to4243 = 'send 7 bytes to 10.77.0.2:4243'
const to4242 = 'send 7 bytes to 10.77.0.2:4242'
const back = { did: 'send 4 bytes back', saw: undefined, outcome: "arrives: 'back'" }
const arrives = 'arrives at port 4242'

/** A test of a hook; skipped, with the reason in its title, where the kernel is too old for it. */
function hookTest(title: string, hook: Hook, body: () => Promise<void>) {
  const old = kernelTooOld(hook.since)
  test.skipIf(old !== '')(`${hook.name}: ${title}${old}`, body)
}

hookTest('sees frames that come in, and drops those to one port', xdp, async () => {
  const saw = { bytes: frame, interface: cable }
  expect(await xdp.show()).toEqual([
    { did: to4243, saw: { ...saw, port: 4243 }, outcome: 'arrives nowhere' },
    { did: to4242, saw: { ...saw, port: 4242 }, outcome: arrives },
    back,
  ])
})

hookTest('sees packets that go out with their mark, and moves those to one port', tc, async () => {
  const saw = { bytes: frame, interface: cable, mark: 7 }
  expect(await tc.show()).toEqual([
    { did: to4243, saw: { ...saw, port: 4243 }, outcome: arrives }, // so the checksum is right
    { did: to4242, saw: { ...saw, port: 4242 }, outcome: arrives },
    back,
  ])
})

hookTest('sees packets that come in, and drops those to one port', tcx, async () => {
  const saw = { bytes: frame, interface: cable, protocol: IPV4 }
  expect(await tcx.show()).toEqual([
    { did: to4243, saw: { ...saw, port: 4243 }, outcome: 'arrives nowhere' },
    { did: to4242, saw: { ...saw, port: 4242 }, outcome: arrives },
    back,
  ])
})

hookTest('sees what leaves its end of the pair, and drops it to one port', netkit, async () => {
  const saw = { bytes: frame, interface: cable }
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
      outcome: "it receives 5 bytes: 'hello'",
    },
    { did: 'send 93 bytes to it', saw: { bytes: 101, ...saw }, outcome: 'it receives nothing' },
    {
      did: 'send 93 bytes to another socket',
      saw: undefined,
      outcome: "it receives 93 bytes: 'hello!!'",
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
  const saw = { bytes: packet, hook: LOCAL_IN, family: FAMILY, interface: cable }
  expect(await netfilter.show()).toEqual([
    { did: to4243, saw: { ...saw, port: 4243 }, outcome: 'arrives nowhere' },
    { did: to4242, saw: { ...saw, port: 4242 }, outcome: arrives },
    back,
  ])
})

hookTest('chooses who accepts a connection, or refuses it', skLookup, async () => {
  const did = (port: number) => `connect from port ${port + 1000} to 10.77.0.2:${port}`
  const saw = (port: number) => ({ protocol: TCP, from: port + 1000, port })
  const accepted = 'whoever listens at port 4242 accepts port'
  expect(await skLookup.show()).toEqual([
    { did: did(4242), saw: saw(4242), outcome: `${accepted} 5242` },
    { did: did(4243), saw: saw(4243), outcome: `${accepted} 5243` }, // where nobody listens
    { did: did(4244), saw: saw(4244), outcome: 'ECONNREFUSED' }, // where somebody does
  ])
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
