import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, readFileSync, rmdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { ownCgroup } from '../../../test/cgroup.ts'
import { compileBpf } from '../../../test/compile.ts'
import { mapOf } from '../../../test/map-of.ts'
import { kernelAtLeast } from '../../../test/kernel.ts'
import { send, vethPair } from '../../../test/network.ts'
import type { VethPair } from '../../../test/network.ts'
import { setsockopt } from '../../../test/sockets.ts'
import { thrown } from '../../../test/thrown.ts'
import { BpfError } from '../../errors/bpf-error.ts'
import { bindLibc } from '../../ffi/libc.ts'
import { BpfObject } from '../../object/bpf-object.ts'
import { FdMap } from './fd-map.ts'
import { HashMap } from './hash-map.ts'
import { PerCpuHashMap } from './per-cpu-maps.ts'
import { CpuMap, DevMap } from './redirect-maps.ts'

const XDP_PASS = 2
const XDP_REDIRECT = 4
const AF_XDP = 44
const SOCK_RAW = 3
const SOL_XDP = 283
const XDP_RX_RING = 2
const BPF_CGROUP_INET_EGRESS = 1

const socket = bindLibc<(family: number, type: number, protocol: number) => number>(
  'int socket(int domain, int type, int protocol)',
)

/** Loads some programs of redirects.bpf.c. */
function load(...programs: string[]): BpfObject {
  using spec = BpfObject.open(compileBpf('redirects.bpf.c'))
  for (const name of programs) spec.program(name).autoload = true
  return spec.load()
}

/** Packets that the other side of a cable got. */
function arrived(net: VethPair): number {
  const show = ['-n', basename(net.netns), '-j', '-s', 'link', 'show', 'type', 'veth']
  const [link] = JSON.parse(execFileSync('ip', show, { encoding: 'utf8' }))
  return link.stats64.rx.packets
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000
  while (!condition() && performance.now() < deadline) await setTimeout(5)
}

test('packets leave through the device that a device map holds', () => {
  using net = vethPair()
  using object = load('to_device')
  using _ = object.program('to_device').attachXdp(net.device, { mode: 'skb' })
  const ifindex = Number(readFileSync(`/sys/class/net/${net.device}/ifindex`, 'utf8'))
  mapOf(object, 'devices', DevMap).set(2, { ifindex })
  const before = arrived(net)
  net.receive(23)
  expect(arrived(net) - before).toBe(23)
})

test.runIf(kernelAtLeast('5.15'))(
  'packets are handled on the CPU that a CPU map holds, by the program it holds',
  async () => {
    using net = vethPair()
    using object = load('to_cpu', 'on_cpu')
    const program = object.program('on_cpu')
    const cpus = mapOf(object, 'cpus', CpuMap)
    cpus.set(0, { qsize: 64, program })
    expect(cpus.get(0)).toEqual({ qsize: 64, programId: program.info().id })
    using _ = object.program('to_cpu').attachXdp(net.device, { mode: 'skb' })
    net.receive(23)
    const bss = object.data['bss']!
    await until(() => bss['on_cpu_hits'] === 23n)
    expect(bss['on_cpu_hits']).toBe(23n)
    expect(bss['last_cpu']).toBe(0)
  },
)

test('packets go to the AF_XDP socket that a map holds, and on their way when there is none', () => {
  using object = load('to_socket')
  const xsks = mapOf(object, 'xsks', FdMap)
  const run = () => object.program('to_socket').testRun({ data: new Uint8Array(64) }).retval
  expect(run()).toBe(XDP_PASS)
  const fd = socket(AF_XDP, SOCK_RAW, 0)
  try {
    // Linux 7.2 takes no socket without a ring to receive in.
    setsockopt(fd, SOL_XDP, XDP_RX_RING, Int32Array.of(64), 4)
    xsks.set(3, fd)
    expect(run()).toBe(XDP_REDIRECT)
    xsks.delete(3)
    expect(run()).toBe(XDP_PASS)
  } finally {
    closeSync(fd)
  }
  const udp = socket(2, 2, 0)
  try {
    expect(thrown(BpfError, () => xsks.set(3, udp)).code).toBe('EOPNOTSUPP')
  } finally {
    closeSync(udp)
  }
})

test('each cgroup that a program is attached to has storage of its own', async () => {
  using cgroup = ownCgroup()
  using object = load('count')
  const folders = [cgroup.path, join(cgroup.path, 'a'), join(cgroup.path, 'b')]
  for (const folder of folders.slice(1)) mkdirSync(folder)
  try {
    using _links = new DisposableStack()
    for (const folder of folders) _links.use(object.program('count').attachCgroup(folder))
    await send('127.0.0.1', 23)
    const keys = folders.map((folder) => ({
      cgroup_inode_id: statSync(folder, { bigint: true }).ino,
      attach_type: BPF_CGROUP_INET_EGRESS,
    }))
    const shared = mapOf(object, 'by_cgroup', HashMap<(typeof keys)[0], bigint>)
    expect(keys.map((key) => shared.get(key))).toEqual([23n, 0n, 0n])
    expect([...shared].length).toBe(3)
    shared.set(keys[1]!, 100n)
    expect(shared.get(keys[1]!)).toBe(100n)
    const perCpu = mapOf(object, 'by_cgroup_and_cpu', PerCpuHashMap<(typeof keys)[0], bigint>)
    expect(perCpu.get(keys[0]!)?.reduce((sum, n) => sum + n)).toBe(23n)
    expect(perCpu.readBatch().length).toBe(3)
  } finally {
    for (const folder of folders.slice(1)) rmdirSync(folder)
  }
})
