import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ownCgroup } from '../../test/cgroup.ts'
import { compileBpf } from '../../test/compile.ts'
import { hasNetkit, kernelAtLeast } from '../../test/kernel.ts'
import { send, vethPair } from '../../test/network.ts'
import { SOL_SOCKET, SO_REUSEADDR, getsockopt, setsockopt, tcp, udp } from '../../test/sockets.ts'
import { thrown } from '../../test/thrown.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { libbpfAtLeast } from '../ffi/libbpf.ts'
import { FdMap } from '../maps/kinds/fd-map.ts'
import { BpfObject } from '../object/bpf-object.ts'
import { insideNetns } from '../system/netns.ts'

const network = compileBpf('network.bpf.c')

const HOOKS = [
  ...['XDP', 'TC', 'TCX', 'NETKIT', 'SOCKET', 'CGROUP_SKB', 'CONNECT4', 'BIND4', 'POST_BIND4'],
  ...['SOCK_CREATE', 'GETSOCKOPT', 'SETSOCKOPT', 'SYSCTL', 'DEVICE', 'SOCKOPS', 'SK_MSG', 'SK_SKB'],
  ...['SK_LOOKUP', 'REUSEPORT', 'FLOW_DISSECTOR', 'LWT', 'NETFILTER'],
]

/** Loads one program of network.bpf.c. */
function load(name: string, constants: Record<string, number> = {}) {
  using spec = BpfObject.open(network)
  spec.program(name).autoload = true
  Object.assign(spec.data['rodata']!, constants)
  const object = spec.load()
  const bss = object.data['bss']!
  return {
    object,
    program: object.program(name),
    hits: (hook: string): bigint => bss['hits'][HOOKS.indexOf(hook)],
    [Symbol.dispose]: () => object.close(),
  }
}

describe('on a network interface', () => {
  test('an XDP program sees every packet that comes in, in the mode asked for', () => {
    using net = vethPair()
    using loaded = load('on_xdp')
    using link = loaded.program.attachXdp(net.device, { mode: 'skb' })
    net.receive(23)
    expect(loaded.hits('XDP')).toBe(23n)
    expect(link.info().type).toBe('xdp')
    expect(execFileSync('ip', ['link', 'show', net.device], { encoding: 'utf8' })).toContain(
      'xdpgeneric',
    )
  })

  test('a second XDP program on one interface is told that the first is there', () => {
    using net = vethPair()
    using loaded = load('on_xdp')
    using _ = loaded.program.attachXdp(net.device)
    const error = thrown(BpfError, () => loaded.program.attachXdp(net.device))
    expect(error.code).toBe('EBUSY')
    expect(error.message).toContain('has an XDP program already')
  })

  test('an interface that does not exist: close names are suggested', () => {
    using loaded = load('on_xdp')
    const error = thrown(BpfError, () => loaded.program.attachXdp('loo'))
    expect(error.code).toBe('ENODEV')
    expect(error.hint).toContain("'lo'")
  })

  test('a tc filter sees what goes out, and its clsact qdisc goes with it', async () => {
    using net = vethPair()
    using loaded = load('on_tc')
    {
      using _ = loaded.program.attachTc(net.device, 'egress', { priority: 7 })
      await net.send(23)
      const filters = execFileSync('tc', ['filter', 'show', 'dev', net.device, 'egress'])
      expect(filters.toString()).toContain('pref 7')
    }
    await net.send(5)
    expect(loaded.hits('TC')).toBe(23n)
    expect(execFileSync('tc', ['qdisc', 'show', 'dev', net.device]).toString()).not.toContain(
      'clsact',
    )
  })

  test('a tc filter of another namespace is removed there, not at the interface of that number here', () => {
    using net = vethPair()
    using loaded = load('on_tc')
    const qdiscs = () => execFileSync('tc', ['qdisc', 'show', 'dev', 'lo']).toString()
    using _ = loaded.program.attachTc('lo', 'ingress') // number 1 in every namespace
    {
      using __ = insideNetns(net.netns, () => loaded.program.attachTc('lo', 'ingress'))
      expect(insideNetns(net.netns, qdiscs)).toContain('clsact')
    }
    expect(insideNetns(net.netns, qdiscs)).not.toContain('clsact')
    expect(qdiscs()).toContain('clsact')
  })

  test('a tc filter of a priority and handle that are taken says how to replace it', () => {
    using net = vethPair()
    using loaded = load('on_tc')
    const where = { priority: 7, handle: 1 }
    using _ = loaded.program.attachTc(net.device, 'ingress', where)
    const error = thrown(BpfError, () => loaded.program.attachTc(net.device, 'ingress', where))
    expect(error.code).toBe('EEXIST')
    expect(error.hint).toContain('replace: true')
  })

  test.runIf(kernelAtLeast('6.6'))('tcx programs run one after the other', async () => {
    using net = vethPair()
    using first = load('on_tcx')
    using second = load('on_tcx')
    using link = first.program.attachTcx(net.device, 'egress')
    using _ = second.program.attachTcx(net.device, 'egress')
    await net.send(23)
    expect([first.hits('TCX'), second.hits('TCX')]).toEqual([23n, 23n])
    expect(link.info()).toMatchObject({ type: 'tcx', attachType: 'tcx_egress' })
  })

  test.runIf(kernelAtLeast('6.6') && libbpfAtLeast('1.3'))(
    'a tcx program goes before another if asked to',
    async () => {
      using net = vethPair()
      using last = load('on_tc') // ends the chain: it lets packets pass for good
      using first = load('on_tcx')
      using link = last.program.attachTcx(net.device, 'egress')
      using _ = first.program.attachTcx(net.device, 'egress', { before: link })
      await net.send(23)
      expect(first.hits('TCX')).toBe(23n)
      expect(last.hits('TC')).toBe(23n)
    },
  )

  test.runIf(hasNetkit && libbpfAtLeast('1.3'))('a netkit program sees what goes out', async () => {
    execFileSync('ip', ['link', 'add', 'nk-test', 'type', 'netkit'])
    try {
      using loaded = load('on_tcx')
      using link = loaded.program.attachNetkit('nk-test', 'primary')
      expect(link.info()).toMatchObject({ type: 'netkit', attachType: 'netkit_primary' })
    } finally {
      execFileSync('ip', ['link', 'del', 'nk-test'])
    }
  })

  test('a lightweight tunnel runs a pinned program for a route', async () => {
    using net = vethPair()
    using loaded = load('on_lwt')
    const pin = `/sys/fs/bpf/libbpf-test-lwt-${process.pid}`
    loaded.program.pin(pin)
    try {
      const encap = `encap bpf xmit pinned ${pin} dev ${net.device}`
      execFileSync('ip', ['route', 'replace', `${net.peer}/32`, ...encap.split(' ')])
      await net.send(23)
      expect(loaded.hits('LWT')).toBe(23n)
    } finally {
      loaded.program.unpin()
    }
  })
})

describe('in a network namespace', () => {
  test('a sk_lookup program is asked for the socket of every datagram', async () => {
    await using socket = await udp()
    using loaded = load('on_sk_lookup', { target_port: socket.port })
    using link = loaded.program.attachNetns()
    await send('127.0.0.1', 23, socket.port)
    expect(loaded.hits('SK_LOOKUP')).toBe(23n)
    expect(link.info()).toMatchObject({ type: 'netns', attachType: 'sk_lookup' })
  })

  test('a flow dissector can be attached once to a namespace', () => {
    using net = vethPair()
    using loaded = load('on_flow')
    using link = loaded.program.attachNetns(net.netns)
    expect(link.info()).toMatchObject({ type: 'netns', attachType: 'flow_dissector' })
    const error = thrown(BpfError, () => loaded.program.attachNetns(net.netns))
    expect(error.message).toContain('has a flow dissector already')
  })

  test.runIf(libbpfAtLeast('1.3') && kernelAtLeast('6.4'))(
    'a netfilter program sees what goes out; no two have the same priority',
    async () => {
      using loaded = load('on_netfilter')
      const where = { hook: 'local_out', priority: -321 } as const
      using link = loaded.program.attachNetfilter(where)
      await send('127.0.0.1', 23)
      expect(loaded.hits('NETFILTER')).toBeGreaterThanOrEqual(23n)
      expect(link.info()).toMatchObject({ type: 'netfilter', family: 2, hook: 3, priority: -321 })
      const error = thrown(BpfError, () => loaded.program.attachNetfilter(where))
      expect(error.message).toContain('another program has priority -321')
    },
  )
})

describe('on sockets', () => {
  test('a socket filter sees what the socket receives', async () => {
    await using socket = await udp()
    using loaded = load('on_socket')
    {
      using _ = loaded.program.attachSocket(socket.fd)
      await send('127.0.0.1', 23, socket.port)
    }
    await send('127.0.0.1', 5, socket.port)
    expect(loaded.hits('SOCKET')).toBe(23n)
  })

  test('something that is not a socket is named as such', () => {
    using loaded = load('on_socket')
    const fd = openSync('/dev/null', 'r')
    const error = thrown(BpfError, () => loaded.program.attachSocket(fd))
    closeSync(fd)
    expect(error.message).toContain('not the file descriptor of an open socket')
  })

  test('a sk_reuseport program chooses the socket of a group', async () => {
    await using first = await udp({ reusePort: true })
    await using second = await udp({ reusePort: true, port: first.port })
    using loaded = load('on_reuseport')
    socketMap(loaded.object, 'group').set(1, second.fd)
    using _ = loaded.program.attachReuseport(first.fd)
    const received = second.messages(23)
    await send('127.0.0.1', 23, first.port)
    await received
    expect(loaded.hits('REUSEPORT')).toBe(23n)
  })

  test('a sk_msg program sees what sockets of a sockmap send', async () => {
    await using pair = await tcp()
    using loaded = load('on_sk_msg')
    const sockets = socketMap(loaded.object, 'sockets')
    using _ = loaded.program.attachSockmap(sockets)
    sockets.set(0, pair.fd)
    for (let n = 0; n < 23; n++) await pair.write('x')
    expect(loaded.hits('SK_MSG')).toBe(23n)
  })

  test('a sk_skb program sees what sockets of a sockmap receive', async () => {
    await using pair = await tcp()
    using loaded = load('on_sk_skb')
    const sockets = socketMap(loaded.object, 'sockets')
    using _ = loaded.program.attachSockmap(sockets)
    sockets.set(0, pair.serverFd)
    const data = once(pair.server, 'data')
    await pair.write('x')
    await data
    expect(loaded.hits('SK_SKB')).toBe(1n)
  })
})

describe('on a cgroup', () => {
  test('cgroup_skb sees packets of its processes', async () => {
    using cgroup = ownCgroup()
    using loaded = load('on_egress')
    using link = loaded.program.attachCgroup(cgroup.path)
    await send('127.0.0.1', 23)
    expect(loaded.hits('CGROUP_SKB')).toBe(23n)
    expect(link.info()).toMatchObject({ type: 'cgroup', attachType: 'cgroup_inet_egress' })
  })

  test('connect4 sees connections, sockops and sock_create what becomes of them', async () => {
    using cgroup = ownCgroup()
    using connecting = load('on_connect4')
    using creating = load('on_sock_create')
    using ops = load('on_sockops')
    using _1 = connecting.program.attachCgroup(cgroup.path)
    using _2 = creating.program.attachCgroup(cgroup.path)
    using _3 = ops.program.attachCgroup(cgroup.path)
    for (let n = 0; n < 3; n++) {
      await using _ = await tcp()
    }
    expect(connecting.hits('CONNECT4')).toBe(3n)
    expect(creating.hits('SOCK_CREATE')).toBe(6n) // a server's and a client's each
    expect(ops.hits('SOCKOPS')).toBeGreaterThanOrEqual(6n)
  })

  test('bind4 can forbid, post_bind4 sees what was bound', async () => {
    using cgroup = ownCgroup()
    using after = load('on_post_bind4')
    using before = load('on_bind4')
    using _ = after.program.attachCgroup(cgroup.path)
    {
      await using bound = await udp()
      expect(bound.port).toBeGreaterThan(0)
    }
    using __ = before.program.attachCgroup(cgroup.path)
    await expect(udp()).rejects.toThrow('EPERM')
    expect([before.hits('BIND4'), after.hits('POST_BIND4')]).toEqual([1n, 1n])
  })

  test('getsockopt and setsockopt see calls for sockets', async () => {
    using cgroup = ownCgroup()
    await using socket = await udp()
    using get = load('on_getsockopt')
    using set = load('on_setsockopt')
    using _1 = get.program.attachCgroup(cgroup.path)
    using _2 = set.program.attachCgroup(cgroup.path)
    const [value, size] = [new Int32Array(1), Int32Array.of(4)]
    for (let n = 0; n < 23; n++) getsockopt(socket.fd, SOL_SOCKET, SO_REUSEADDR, value, size)
    for (let n = 0; n < 7; n++) setsockopt(socket.fd, SOL_SOCKET, SO_REUSEADDR, value, 4)
    expect([get.hits('GETSOCKOPT'), set.hits('SETSOCKOPT')]).toEqual([23n, 7n])
  })

  test('sysctl and device programs see accesses', () => {
    using cgroup = ownCgroup()
    using sysctl = load('on_sysctl')
    using device = load('on_device')
    using _1 = sysctl.program.attachCgroup(cgroup.path)
    using _2 = device.program.attachCgroup(cgroup.path)
    const fd = openSync('/proc/sys/kernel/ostype', 'r')
    for (let n = 0; n < 23; n++) readSync(fd, new Uint8Array(8), 0, 8, 0)
    closeSync(fd)
    for (let n = 0; n < 7; n++) closeSync(openSync('/dev/zero', 'r'))
    expect([sysctl.hits('SYSCTL'), device.hits('DEVICE')]).toEqual([23n, 7n])
  })

  test('a folder that is not a cgroup is named as such', () => {
    using loaded = load('on_egress')
    const error = thrown(BpfError, () => loaded.program.attachCgroup('/tmp'))
    expect(error.code).toBe('EBADF')
    expect(error.message).toContain('not a folder of a cgroup v2')
  })

  test('a folder that does not exist', () => {
    using loaded = load('on_egress')
    const error = thrown(BpfError, () => loaded.program.attachCgroup('/no/such'))
    expect(error.message).toContain('to cgroup /no/such: there is no such cgroup')
    expect(error.hint).toContain('findmnt -t cgroup2')
  })
})

function socketMap(object: BpfObject, name: string): FdMap {
  const map = object.map(name)
  if (map instanceof FdMap) return map
  throw new Error(`${name} is not a map of sockets`)
}
