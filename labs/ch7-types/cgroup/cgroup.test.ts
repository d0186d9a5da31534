import { readFileSync } from 'node:fs'
import { test } from '@ebpf-labs/harness'
import { expect } from 'vitest'
import type { Sighting } from '../hook.ts'
import { address } from './address.ts'
import { cgroupSkb } from './cgroup_skb.ts'
import { skMsg } from './sk_msg.ts'
import { sockAddr } from './sock_addr.ts'
import { sockops } from './sockops.ts'

/** The port that the kernel chose for each socket, from what is said of what was done. */
const portsFrom = (sightings: readonly Sighting[]) =>
  sightings.map(({ did }) => Number(/from port (\d+)/.exec(did)?.[1]))

test('cgroup_skb: sees what sockets of the cgroup send, and refuses it to one port', async () => {
  const sightings = await cgroupSkb.show()
  const [first, second, third] = portsFrom(sightings)
  const bytes = 20 + 8 + 5 // IP header, UDP header, text
  expect(sightings).toEqual([
    {
      did: `a socket of the cgroup sends 5 bytes from port ${first} to port 4242`,
      saw: { bytes, from: first, port: 4242 },
      outcome: "arrives: 'hello'",
    },
    {
      did: `a socket of the cgroup sends 5 bytes from port ${second} to port 4243`,
      saw: { bytes, from: second, port: 4243 },
      outcome: 'EPERM',
    },
    {
      did: `another socket sends 5 bytes from port ${third} to port 4243`,
      saw: undefined,
      outcome: "arrives: 'hello'",
    },
  ])
})

test('sock_addr: sees where sockets of the cgroup connect to, moves them, and refuses', async () => {
  const saw = { pid: process.pid, address, protocol: 6 } // TCP
  const did = (port: number) => `a socket of the cgroup connects to port ${port}`
  expect(await sockAddr.show()).toEqual([
    { did: did(4241), saw: { ...saw, port: 4241 }, outcome: 'accepted at port 4241' },
    { did: did(4243), saw: { ...saw, port: 4243 }, outcome: 'accepted at port 4242' },
    { did: did(4244), saw: { ...saw, port: 4244 }, outcome: 'EPERM' },
    { did: 'another socket connects to port 4243', saw: undefined, outcome: 'ECONNREFUSED' },
  ])
})

test('sockops: sees connections of the cgroup, and sets an option of their sockets', async () => {
  const algorithm = readFileSync('/proc/sys/net/ipv4/tcp_congestion_control', 'utf8').trim()
  expect(algorithm).not.toBe('reno')
  const sightings = await sockops.show()
  const [first, second] = portsFrom(sightings)
  const [ACTIVE_ESTABLISHED, AF_INET] = [4, 2] // BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB
  expect(sightings).toEqual([
    {
      did: `a socket of the cgroup connects from port ${first} to port 4242`,
      saw: { op: ACTIVE_ESTABLISHED, family: AF_INET, from: first, port: 4242 },
      outcome: 'congestion control is reno',
    },
    {
      did: `another socket connects from port ${second} to port 4242`,
      saw: undefined,
      outcome: `congestion control is ${algorithm}`,
    },
  ])
})

test('sk_msg: sees what is sent on sockets of the map, and refuses what begins with "!"', async () => {
  const sightings = await skMsg.show()
  const [mapped, same, other] = portsFrom(sightings)
  expect(same).toBe(mapped)
  const saw = { from: mapped, port: 4242 }
  expect(sightings).toEqual([
    {
      did: `a socket of the map sends 'hello' from port ${mapped} to port 4242`,
      saw: { ...saw, bytes: 5, letter: 'h'.charCodeAt(0) },
      outcome: "arrives: 'hello'",
    },
    {
      did: `a socket of the map sends '!hello' from port ${mapped} to port 4242`,
      saw: { ...saw, bytes: 6, letter: '!'.charCodeAt(0) },
      outcome: 'EACCES',
    },
    {
      did: `another socket sends '!hello' from port ${other} to port 4242`,
      saw: undefined,
      outcome: "arrives: '!hello'",
    },
  ])
})
