import { existsSync, rmSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { compileBpf } from '../../test/compile.ts'
import { vethPair } from '../../test/network.ts'
import { getpgid } from '../../test/syscalls.ts'
import { thrown } from '../../test/thrown.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { ClosedError } from '../errors/closed-error.ts'
import { HashMap } from '../maps/kinds/hash-map.ts'
import { BpfObject } from '../object/bpf-object.ts'
import { Link } from './link.ts'

const basic = compileBpf('basic.bpf.c')
const path = `/sys/fs/bpf/libbpf-test-link-${process.pid}`

function load() {
  using spec = BpfObject.open(basic)
  spec.data['rodata']!['target_pid'] = process.pid
  const object = spec.load()
  return { object, bss: object.data['bss']!, [Symbol.dispose]: () => object.close() }
}

describe('a pinned link', () => {
  afterEach(() => rmSync(path, { force: true }))

  test('keeps its program attached after close, until the opened pin is gone too', () => {
    using loaded = load()
    const link = loaded.object.program('on_sys_enter').attach()
    link.pin(path)
    link.close()
    getpgid(3)
    const before = loaded.bss['raw_tp_hits']
    expect(before).toBeGreaterThanOrEqual(3n)
    const opened = Link.open(path)
    expect(opened.info()).toMatchObject({ type: 'raw_tracepoint', tracepoint: 'sys_enter' })
    opened.unpin()
    expect(existsSync(path)).toBe(false)
    opened.close()
    const after = loaded.bss['raw_tp_hits']
    getpgid(100)
    expect(loaded.bss['raw_tp_hits']).toBe(after)
  })

  test('where something is pinned already', () => {
    using loaded = load()
    using link = loaded.object.program('on_sys_enter').attach()
    link.pin(path)
    const { code, hint } = thrown(BpfError, () => link.pin(path))
    expect(code).toBe('EEXIST')
    expect(hint).toContain('unpin it')
  })

  test('that cannot be detached by force says to unpin it', () => {
    using loaded = load()
    using link = loaded.object.program('on_getpgid').attach()
    link.pin(path)
    expect(thrown(BpfError, () => link.detach()).hint).toContain(`Unpin it (${path})`)
    link.unpin()
    link.detach()
    expect(link.closed).toBe(true)
  })
})

describe('a path that is not what it should be', () => {
  test('nothing is there', () => {
    const { code, hint } = thrown(BpfError, () => Link.open(`${path}-none`))
    expect(code).toBe('ENOENT')
    expect(hint).toContain('Nothing is pinned there')
  })

  test('it is a program', () => {
    using loaded = load()
    loaded.object.program('pass').pin(path)
    const { message } = thrown(BpfError, () => Link.open(path))
    loaded.object.program('pass').unpin()
    expect(message).toContain('expected a link, got a program')
  })

  test('it is not in a BPF file system', () => {
    using loaded = load()
    using link = loaded.object.program('on_sys_enter').attach()
    expect(thrown(BpfError, () => link.pin('/tmp/no-pin')).hint).toContain('/sys/fs/bpf')
    expect(thrown(BpfError, () => Link.open('/etc/hostname')).hint).toContain('/sys/fs/bpf')
    expect(thrown(BpfError, () => link.pin('/sys/fs/bpf/a.b')).hint).toContain('no dot in names')
    expect(thrown(BpfError, () => link.pin('/sys/fs/bpf/no/such')).hint).toContain('Create')
  })
})

test('a link is opened by its id', () => {
  using loaded = load()
  using link = loaded.object.program('on_sys_enter').attach()
  using same = Link.byId(link.id)
  expect(same.info()).toEqual(link.info())
  expect(link.info().programId).toBe(loaded.object.program('on_sys_enter').id)
  const { hint } = thrown(BpfError, () => Link.byId(0xffff_fff0))
  expect(hint).toContain('bpftool link list')
})

test('detach() takes a program off its interface at once, even if the link is open elsewhere', () => {
  using net = vethPair()
  using loaded = load()
  const link = loaded.object.program('pass').attachXdp(net.device)
  using elsewhere = Link.byId(link.id)
  net.receive(3)
  link.detach()
  net.receive(20)
  expect(loaded.bss['xdp_hits']).toBe(3n)
  expect(elsewhere.info()).toMatchObject({ type: 'xdp', ifindex: 0 })
  thrown(ClosedError, () => link.detach())
})

test('update() puts another program in place, if the expected one is there', () => {
  using net = vethPair()
  using first = load()
  using second = load()
  const programs = [first, second].map(({ object }) => object.program('pass'))
  using link = programs[0]!.attachXdp(net.device)
  net.receive(3)
  link.update(programs[1]!, programs[0])
  net.receive(23)
  expect([first.bss['xdp_hits'], second.bss['xdp_hits']]).toEqual([3n, 23n])
  const { code, hint } = thrown(BpfError, () => link.update(programs[0]!, programs[0]))
  expect(code).toBe('EPERM')
  expect(hint).toContain('Another program is attached')
})

test('update() of a link that cannot be updated says which cannot', () => {
  using loaded = load()
  using link = loaded.object.program('on_sys_enter').attach()
  const update = () => link.update(loaded.object.program('on_sys_enter'))
  expect(thrown(BpfError, update).message).toContain('cannot update link')
})

test('Links: get by program, all closed together', () => {
  using loaded = load()
  const links = loaded.object.attach()
  const link = links.get('on_sys_enter')!
  expect(links.size).toBe(2)
  expect(links.get('pass')).toBeUndefined()
  links.close()
  expect(link.closed).toBe(true)
})

describe('an iterator', () => {
  const object = compileBpf('iterators.bpf.c')

  test('over tasks lists this process', () => {
    using spec = BpfObject.open(object)
    using loaded = spec.load()
    using link = loaded.program('tasks').attach()
    expect(link.lines()).toContain(`${process.pid} ${process.pid}`)
    expect(link.info()).toMatchObject({ type: 'iter', target: 'task' })
  })

  test('over tasks of one process lists only its threads', () => {
    using spec = BpfObject.open(object)
    using loaded = spec.load()
    using link = loaded.program('tasks').attachIter({ task: { pid: process.pid } })
    expect(new Set(link.lines().map((line) => line.split(' ')[0]))).toEqual(
      new Set([String(process.pid)]),
    )
  })

  test('over the elements of a map reads them all, anew each time, megabytes too', () => {
    using spec = BpfObject.open(object)
    using loaded = spec.load()
    const squares = loaded.map('squares')
    if (!(squares instanceof HashMap)) throw new Error('squares is not a hash')
    using link = loaded.program('elements').attachIter({ map: squares })
    expect(link.lines()).toEqual([])
    squares.set(3, 9n)
    expect(link.lines()).toEqual(['3 9'])
    for (let n = 0; n < 20_000; n++) squares.set(n, BigInt(n) ** 2n)
    expect(link.lines()).toHaveLength(20_000)
    expect(link.read().length).toBeGreaterThan(100_000)
    expect(link.info()).toMatchObject({ type: 'iter', mapId: squares.id })
  })

  test('over a map, without a map: says to name one', () => {
    using spec = BpfObject.open(object)
    using loaded = spec.load()
    const attach = () => loaded.program('elements').attachIter()
    expect(thrown(BpfError, attach).hint).toContain('{ map }')
  })

  test('is all that can be read', () => {
    using loaded = load()
    using link = loaded.object.program('on_sys_enter').attach()
    expect(thrown(BpfError, () => link.read()).hint).toContain('SEC("iter/…")')
  })
})
