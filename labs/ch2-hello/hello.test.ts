import { bpftool, secondUser, test } from '@ebpf-labs/harness'
import { describe, expect } from 'vitest'
import { hello } from './build/hello.skel.ts'

const node = process.execPath
const loader = new URL('hello.ts', import.meta.url).pathname

describe('the program', () => {
  test('says hello once for an execve, from the pid that made it', async ({ execs, trace }) => {
    using pipe = trace({ text: 'hello world' })
    using skel = hello.open().load()
    using links = skel.attach()
    const [pid] = await execs(1)
    expect(await pipe.take(1, { pid })).toMatchObject([{ pid, text: 'hello world' }])
    expect(pipe.read({ pid })).toEqual([])
  })

  test('says hello exactly 23 times for 23 execs', async ({ execs, trace }) => {
    using pipe = trace({ text: 'hello world' })
    using skel = hello.open().load()
    using links = skel.attach()
    const pids = await execs(23)
    const lines = await pipe.take(23, { pid: pids })
    expect(lines.map((line) => line.pid)).toEqual(pids)
    expect(pipe.read({ pid: pids })).toEqual([])
  })

  test('says hello even when the program to start does not exist', async ({ run, trace }) => {
    using pipe = trace({ text: 'hello world' })
    using skel = hello.open().load()
    using links = skel.attach()
    const shell = await run(['/bin/sh', '-c', 'exec /no/such/program'])
    expect((await shell.exit()).code).toBe(127)
    expect(await pipe.take(2, { pid: shell.pid })).toHaveLength(2)
  })

  test('is silent once it is detached', async ({ execs, trace }) => {
    using pipe = trace({ text: 'hello world' })
    using skel = hello.open().load()
    const links = skel.attach()
    const before = await execs(1)
    await pipe.take(1, { pid: before })
    links.detach()
    const after = await execs(23)
    expect(pipe.read({ pid: after })).toEqual([])
  })

  test('does nothing before it is attached', async ({ execs, trace }) => {
    using pipe = trace({ text: 'hello world' })
    using skel = hello.open().load()
    const pids = await execs(3)
    expect(pipe.read({ pid: pids })).toEqual([])
  })
})

describe('the loader', () => {
  test('prints one line per exec until Ctrl-C, then leaves nothing loaded', async ({
    execs,
    run,
  }) => {
    const program = await run([node, loader])
    await program.line('Ctrl-C')
    const pids = await execs(23)
    for (const pid of pids) await program.line(new RegExp(`^${pid}  `))
    const { code, stdout } = await program.interrupt()
    expect(code).toBe(0)
    for (const pid of pids)
      expect(stdout.match(new RegExp(`^${pid}  .*hello world$`, 'gm'))).toHaveLength(1)
    const programs = await bpftool<{ name?: string; pids?: { pid: number }[] }[]>('prog', 'list')
    expect(
      programs.filter(({ pids: owners }) => owners?.some(({ pid }) => pid === program.pid)),
    ).toEqual([])
  })

  test('ends after --count lines, with --demo without any help', async ({ exec }) => {
    const { code, stdout } = await exec([node, loader, '--demo', '--count', '3'])
    expect(code).toBe(0)
    expect(stdout.trimEnd().split('\n')).toHaveLength(3)
  })

  test('prints one JSON object per line with --json', async ({ exec }) => {
    const { stdout } = await exec([node, loader, '--demo', '--count', '1', '--json'])
    expect(JSON.parse(stdout)).toEqual({
      pid: expect.any(Number),
      comm: expect.any(String),
      text: 'hello world',
    })
  })

  test('says what to do when it is not root', async ({ exec }) => {
    const { code, stderr } = await exec([node, loader], { user: secondUser })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: .*\n/)
    expect(stderr).toMatch(/root/)
    expect(stderr).not.toContain('    at ')
  })

  test('refuses a count that is not a number', async ({ exec }) => {
    const { code, stderr } = await exec([node, loader, '--count', 'many'])
    expect(code).toBe(2)
    expect(stderr).toBe('error: --count takes a whole number from 1 on, and got "many".\n')
  })
})
