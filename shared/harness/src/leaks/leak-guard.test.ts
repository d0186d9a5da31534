import { execFileSync } from 'node:child_process'
import { BpfObject } from '@ebpf-labs/libbpf'
import { expect } from 'vitest'
import { NESTED_TIMEOUT, nestedVitest } from '../../test/nested-vitest.ts'
import { test } from '../test.ts'
import { LeakGuard } from './leak-guard.ts'
import { messageOf } from '../process/error-code.ts'

const build = new URL('../../build/test/bpf/', import.meta.url).pathname
const sh = (command: string) => execFileSync('sh', ['-c', command], { encoding: 'utf8' })

/** What the guard says of what `leave` leaves; `clean` removes it again. */
async function blame(leave: string, clean: string, grace = 500): Promise<string> {
  const guard = LeakGuard.start(grace)
  sh(leave)
  try {
    await guard.check('this test')
    return 'nothing was left'
  } catch (error) {
    return messageOf(error)
  } finally {
    sh(clean)
  }
}

test('nothing is said when what was made is gone', async ({ pinFolder }) => {
  const pin = `${pinFolder}/hello`
  const come = `bpftool prog load ${build}hello.bpf.o ${pin}; rm ${pin}`
  expect(await blame(come, ':', 15_000)).toBe('nothing was left') // the kernel frees it when it has time
})

test('a pin is named, and the program that it keeps', async () => {
  const pin = '/sys/fs/bpf/leaky-pin'
  const said = await blame(`bpftool prog load ${build}hello.bpf.o ${pin}`, `rm ${pin}`)
  expect(said).toContain(`pin ${pin}\n    remove it: rm ${pin}`)
  expect(said).toMatch(/tracepoint program 'hello' \(id \d+\), pinned at \/sys\/fs\/bpf\/leaky-pin/)
})

test('an XDP program is named, with where it is attached and what removes it', async () => {
  const attach = `ip link set dev lo xdpgeneric obj ${build}pass.bpf.o sec xdp`
  const said = await blame(attach, 'ip link set dev lo xdpgeneric off')
  expect(said).toMatch(/xdp program 'xdp_pass' \(id \d+\), attached by XDP on lo/)
  expect(said).toContain('remove it: ip link set dev lo xdp off')
})

test('a tc filter is named, with where it is attached and what removes it', async () => {
  const attach = `tc qdisc add dev lo clsact && tc filter add dev lo ingress bpf da obj ${build}pass.bpf.o sec tc`
  const said = await blame(attach, 'tc qdisc del dev lo clsact')
  expect(said).toMatch(/sched_cls program 'tc_pass' \(id \d+\), attached by tc \S+ on lo/)
  expect(said).toContain('remove it: tc qdisc del dev lo clsact')
})

test('a program attached inside a namespace is named with the namespace', async ({ network }) => {
  const { left } = await network()
  const inside = (command: string) => `nsenter --net=${left.path} ${command}`
  const said = await blame(
    inside(`ip link set dev ${left.device} xdpgeneric obj ${build}pass.bpf.o sec xdp`),
    inside(`ip link set dev ${left.device} xdpgeneric off`),
  )
  expect(said).toContain(`attached by XDP on ${left.device} in namespace ${left.name}`)
})

test('a namespace and an interface are named', async () => {
  const said = await blame(
    'ip netns add leaky; ip link add leaky0 type veth peer name leaky1',
    'ip netns del leaky; ip link del leaky0',
  )
  expect(said).toContain('remove it: ip netns del leaky')
  expect(said).toContain('remove it: ip link del leaky0')
})

test('a process that left its process group is named, and killed', async () => {
  // Whoever is about to become another program has no environment for a moment, and with it no owner.
  const sleeps = 'until pgrep -f "^sleep 61" > /dev/null; do :; done'
  const said = await blame(`setsid sleep 61 > /dev/null 2>&1 & ${sleeps}`, ':')
  expect(said).toMatch(/process \d+: sleep 61/)
  const left = () => sh('pgrep -f "^sleep 61" || echo none')
  await expect.poll(left, { timeout: 15_000 }).toBe('none\n') // it ends when it has the CPU
})

test('what this process holds is named, with its program', async () => {
  const guard = LeakGuard.start(500)
  {
    using loaded = BpfObject.open(`${build}hello.bpf.o`).load()
    using _links = loaded.attach()
    expect(await guard.check('this test').catch(messageOf)).toMatch(
      /perf_event link \d+ of tracepoint program 'hello' \(id \d+\), held by this test process\n.*declare it with 'using'/,
    )
  }
  await LeakGuard.start().check('what was closed')
})

test(
  'what a process of somebody else holds is left alone',
  { timeout: 150_000 },
  async ({ run }) => {
    const guard = LeakGuard.start(5000) // what libbpf tried while it loaded goes when the kernel has time
    const source = `
    import { BpfObject } from '@ebpf-labs/libbpf'
    const loaded = BpfObject.open('${build}hello.bpf.o').load()
    console.log('loaded')
    setInterval(() => loaded, 1000)`
    const argv = [process.execPath, '--input-type=module', '-e', source]
    const foreign = await run(argv, {
      cwd: build,
      deadline: 60_000,
      env: { EBPF_LABS_OWNER: '1-1' },
    })
    await foreign.line('loaded')
    await guard.check('this test')
    const own = await run(argv, { cwd: build, deadline: 60_000 })
    await own.line('loaded')
    expect(await guard.check('this test').catch(messageOf)).toMatch(
      new RegExp(`program 'hello'.*held by .* \\(pid ${own.pid}\\)\n.*end ${own.pid}`),
    )
  },
)

test(
  'vitest fails the test, or the file, that left something',
  { timeout: NESTED_TIMEOUT },
  async ({ run }) => {
    const { code, stdout, stderr } = await nestedVitest(run, 'leaky')
    sh('ip netns del leaky-test; ip netns del leaky-file')
    expect(code).toBe(1)
    expect(stdout).toMatch(/✓ .*leaves nothing/)
    expect(stdout).toMatch(/× .*leaves a namespace/)
    expect(stderr).toMatch(/this test left behind.*\n.*namespace leaky-test/)
    expect(stderr).toMatch(/this file, outside of its tests, left behind.*\n.*namespace leaky-file/)
    expect(stderr.match(/remove it: ip netns del leaky-test/g)).toHaveLength(1)
  },
)
