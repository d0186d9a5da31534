import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Cgroup, test } from '@ebpf-labs/harness'
import { Socket } from '@ebpf-labs/harness/socket'
import { type Program, probeAttachKind } from '@ebpf-labs/libbpf'
import { expect } from 'vitest'
import { count } from './build/count.skel.ts'
import { temporaryFolder } from './watch.ts'

type Name = keyof ReturnType<typeof count.open>['programs']

const noFentry = probeAttachKind('fentry').supported ? '' : ' (needs fentry, this kernel lacks it)'

/** Attaches one of the programs, does something, and returns how often it ran meanwhile, and once it is gone. */
function hitsOf(
  name: Name,
  act: () => void,
  attach: (program: Program) => Disposable,
  target?: string,
): number {
  using spec = count.open()
  spec.programs[name].autoload = true
  if (target !== undefined) spec.programs[name].setAttachTarget(target)
  using skel = spec.load()
  {
    using link = attach(skel.programs[name])
    act()
  }
  const { hits } = skel.data.bss
  act()
  expect(skel.data.bss.hits).toBe(hits)
  return Number(hits)
}

/** Somebody else in the machine may do one of it, too. */
function expect23(hits: number): void {
  expect(hits).toBeGreaterThanOrEqual(23)
  expect(hits).toBeLessThan(2 * 23)
}

const make23Folders = () => {
  using folder = temporaryFolder()
  for (let n = 1; n < 23; n++) mkdirSync(join(folder.path, `${n}`))
}
const send23Signals = () => {
  for (let n = 0; n < 23; n++) process.kill(process.pid, 'SIGURG')
}

test('a kprobe counts the calls of its function', () => {
  const attach = (program: Program) => program.attachKprobe('security_inode_mkdir')
  expect23(hitsOf('kprobe', make23Folders, attach))
})

test.skipIf(noFentry !== '')(
  `fentry and fexit count the calls of their function${noFentry}`,
  () => {
    const attach = (program: Program) => program.attachTrace()
    expect23(hitsOf('fentry', make23Folders, attach, 'security_inode_mkdir'))
    expect23(hitsOf('fexit', make23Folders, attach, 'security_inode_mkdir'))
  },
)

test('all three kinds of tracepoint programs count the same', () => {
  const name = 'signal_generate'
  expect23(
    hitsOf('tracepoint', send23Signals, (program) => program.attachTracepoint('signal', name)),
  )
  expect23(hitsOf('raw_tp', send23Signals, (program) => program.attachRawTracepoint(name)))
  expect23(hitsOf('tp_btf', send23Signals, (program) => program.attachTrace(), name))
})

test('an XDP program counts what comes in, and lets it pass', async ({ network }) => {
  const { left, right } = await network()
  using from = left.inside(() => Socket.udp())
  using to = right.inside(() => Socket.udp({ port: 4242 }))
  const send = () => {
    for (let n = 0; n < 23; n++) {
      from.send(`${n}`, { address: right.ipv4, port: 4242 })
      expect(to.receive()).toBe(`${n}`)
    }
  }
  const attach = (program: Program) => right.inside(() => program.attachXdp(right.device))
  expect(hitsOf('xdp', send, attach)).toBe(23)
})

test('a cgroup_skb program counts what its sockets send, and lets it pass', () => {
  using cgroup = Cgroup.make()
  using from = cgroup.inside(() => Socket.udp())
  using to = Socket.udp({ address: '127.0.0.1' })
  const { local } = to
  const send = () => {
    for (let n = 0; n < 23; n++) {
      from.send(`${n}`, local)
      expect(to.receive()).toBe(`${n}`)
    }
  }
  expect(hitsOf('cgroup_skb', send, (program) => program.attachCgroup(cgroup.path))).toBe(23)
})
