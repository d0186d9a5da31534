import { test } from '@ebpf-labs/harness'
import { BpfError, type Program, probeAttachKind } from '@ebpf-labs/libbpf'
import { describe, expect } from 'vitest'
import { count } from './build/count.skel.ts'
import { hooks } from './hooks.ts'
import { requireHook } from './support.ts'

type Name = keyof ReturnType<typeof count.open>['programs']

/** Loads one of the programs of count.bpf.c, does something wrong with it, and returns what is said about it. */
function mistake(name: Name, wrong: (program: Program) => unknown): string {
  using spec = count.open()
  spec.programs[name].autoload = true
  using skel = spec.load()
  return messageOf(() => wrong(skel.programs[name]))
}

function messageOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    if (error instanceof BpfError) return error.message
    throw error
  }
  throw new Error('nothing went wrong')
}

const noFentry = probeAttachKind('fentry').supported ? '' : ' (needs fentry, this kernel lacks it)'

describe('a symbol', () => {
  test('that is not there: close ones are named', () => {
    const message = mistake('kprobe', (program) => program.attachKprobe('vfs_reed'))
    expect(message).toContain('to kprobe vfs_reed: this kernel has no such function')
    expect(message).toContain("Did you mean 'vfs_read'")
  })

  test('that exists and cannot be probed: why, and what to do', () => {
    // The kernel does not probe what its probes are made of.
    const message = mistake('kprobe', (program) => program.attachKprobe('kprobe_dispatcher'))
    expect(message).toContain('the kernel does not let this function be probed')
    expect(message).toContain('probe a caller')
  })

  test.skipIf(noFentry !== '')(
    `that is not there, for fentry: it is told before anything is loaded${noFentry}`,
    () => {
      using spec = count.open()
      const message = messageOf(() => spec.programs.fentry.setAttachTarget('vfs_reed'))
      expect(message).toContain("this kernel's BTF has no function 'vfs_reed'")
      expect(message).toContain("Did you mean 'vfs_read'")
    },
  )

  test('that is no tracepoint: close ones are named, whatever the kind of program', () => {
    const wrong = 'sched_swich'
    using spec = count.open()
    const messages = [
      mistake('tracepoint', (program) => program.attachTracepoint('sched', wrong)),
      mistake('raw_tp', (program) => program.attachRawTracepoint(wrong)),
      messageOf(() => spec.programs.tp_btf.setAttachTarget(wrong)),
    ]
    for (const message of messages) expect(message).toMatch(/Did you mean '(sched\/)?sched_switch'/)
  })
})

describe('a network interface', () => {
  test('that does not exist: how to look for one', () => {
    const message = mistake('xdp', (program) => program.attachXdp('eht0'))
    expect(message).toContain('to interface eht0: there is no such interface')
    expect(message).toContain('Look with: ip link')
  })

  test('takes one XDP program: the second is told so, and the first one stays', async ({
    network,
  }) => {
    const { left } = await network()
    using spec = count.open()
    spec.programs.xdp.autoload = true
    using skel = spec.load()
    left.inside(() => {
      using first = skel.programs.xdp.attachXdp(left.device)
      const message = mistake('xdp', (program) => program.attachXdp(left.device))
      expect(message).toContain('the interface has an XDP program already, and takes only one')
      expect(message).toContain('Detach that one first')
      expect(first.info()).toMatchObject({ type: 'xdp', programId: skel.programs.xdp.id })
    })
    left.inside(() => skel.programs.xdp.attachXdp(left.device).close()) // the place is free again
  })
})

describe('a cgroup', () => {
  test('that does not exist: how to make one', () => {
    const message = mistake('cgroup_skb', (program) =>
      program.attachCgroup('/sys/fs/cgroup/nobody'),
    )
    expect(message).toContain('to cgroup /sys/fs/cgroup/nobody: there is no such cgroup')
    expect(message).toContain('mkdir')
  })

  test('that is a folder of another kind', () => {
    const message = mistake('cgroup_skb', (program) => program.attachCgroup('/tmp'))
    expect(message).toContain('it is not a folder of a cgroup v2 file system')
    expect(message).toContain('findmnt -t cgroup2')
  })
})

describe('a program of the wrong type', () => {
  test.each<[Name, string, (program: Program) => unknown, string]>([
    [
      'xdp',
      'a tracepoint',
      (program) => program.attachTracepoint('sched', 'sched_switch'),
      'tracepoint',
    ],
    ['kprobe', 'an interface', (program) => program.attachXdp('lo'), 'xdp'],
    ['xdp', 'a kernel function', (program) => program.attachKprobe('vfs_read'), 'kprobe'],
    ['tracepoint', 'a cgroup', (program) => program.attachCgroup('/sys/fs/cgroup'), 'cgroup'],
    ['raw_tp', 'a socket', (program) => program.attachSocket(0), 'socket_filter'],
  ])('%s does not go to %s, and is told which does', (name, _where, wrong, right) => {
    const message = mistake(name, wrong)
    expect(message).toMatch(new RegExp(`expected a program of type .*${right}`))
    expect(message).toContain(`from section '${name}`)
  })
})

describe('a hook that the kernel does not have', () => {
  test('is told with what it needs, and how to try a kernel that has it', () => {
    const [hook] = hooks
    const lacks = {
      here: false,
      reason: 'this kernel has no tcx (EINVAL)',
      needs: 'Linux 6.6',
      types: [],
    }
    expect(messageOf(() => requireHook({ ...hook!, name: 'tcx' }, lacks))).toBe(
      "cannot show hook 'tcx': this kernel has no tcx (EINVAL)\n" +
        'It needs Linux 6.6. Kernels to choose from: LAB_KERNEL=7.2 npx nx start ch7-types -- tcx',
    )
  })
})
