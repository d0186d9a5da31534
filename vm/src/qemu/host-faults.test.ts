import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  scratchWorkspace,
  type ScratchWorkspace,
  usualMachine,
} from '../../test/scratch-workspace.ts'
import { until } from '../../test/until.ts'
import { exitOf } from '../host/child.ts'

// What this computer can do to a machine.
let scratch: ScratchWorkspace
const vm: ScratchWorkspace['vm'] = (args, options) => scratch.vm(args, options)

beforeAll(() => {
  scratch = scratchWorkspace()
})
afterAll(() => scratch[Symbol.asyncDispose]())

/** Mounting, and another clock, take root; in namespaces of their own, the host has none of it. */
const root = process.getuid?.() === 0

test('two workspaces at once have a machine each, and one down leaves the other', async () => {
  await using other = scratchWorkspace()
  const [one, two] = await Promise.all([scratch.bootId(), other.bootId()])
  expect(one).toMatch(/^[0-9a-f-]{36}\n$/)
  expect(two).toMatch(/^[0-9a-f-]{36}\n$/)
  expect(two).not.toBe(one)
  writeFileSync(join(other.folder, 'vm', 'mine'), '')
  expect((await other.vm(['exec', '--', 'test', '-e', 'vm/mine'])).exitCode).toBe(0)
  expect((await vm(['exec', '--', 'test', '-e', 'vm/mine'])).exitCode).toBe(1)
  expect((await other.vm(['down'])).stderr).toContain('The machine is down.')
  expect(await other.processes()).toEqual({ qemu: [], ssh: [] })
  expect(await scratch.bootId()).toBe(one)
})

test.runIf(root)('an hour of sleep is noticed', () => {
  const module = JSON.stringify(join(import.meta.dirname, '..', 'host', 'sleep.ts'))
  const script = `process.stdout.write(String((await import(${module})).secondsAsleep()))`
  // A clock that counts sleep is an hour ahead of one that does not: time_namespaces(7).
  const slept = ['unshare', '--time', '--boottime', '3600', '--fork']
  const seconds = (through: string[]): number => {
    const [program, ...args] = [...through, process.execPath, '--input-type=module', '-e']
    return Number(execFileSync(program, [...args, script], { encoding: 'utf8' }))
  }
  expect(seconds(slept) - seconds([])).toBe(3600)
})

test('after an hour of sleep, the next command has the right time', async () => {
  const before = await scratch.bootId()
  await vm(['exec', '--', 'date', '-s', '1 hour ago'])
  const file = join(scratch.folder, '.vm', usualMachine(), 'state.json')
  const state = JSON.parse(readFileSync(file, 'utf8'))
  writeFileSync(file, JSON.stringify({ ...state, asleep: state.asleep - 3600 }))
  const { stdout } = await vm(['exec', '--', 'date', '+%s'])
  expect(Math.abs(Number(stdout) - Date.now() / 1000)).toBeLessThan(20)
  expect(await scratch.bootId()).toBe(before)
})

test('a command goes on after this computer slept, longer than a machine may be silent', async () => {
  const script = 'echo started; read line; echo "$line"; uptime >/dev/null'
  const child = scratch.startVm(['exec', '--', 'sh', '-c', script], { stdin: 'slept\n' })
  let output = ''
  child.stdout?.on('data', (chunk) => (output += String(chunk)))
  await until('the command has started', () => output.startsWith('started'))
  const { qemu, ssh } = await scratch.processes()
  const all = [...qemu, ...ssh, { pid: child.pid! }]
  for (const { pid } of all) process.kill(pid, 'SIGSTOP')
  await new Promise((resolve) => setTimeout(resolve, 11_000))
  for (const { pid } of all.toReversed()) process.kill(pid, 'SIGCONT')
  expect(await exitOf(child)).toMatchObject({ code: 0 })
  expect(output).toBe('started\nslept\n')
})

/** A place in which small disks can be mounted that nobody else sees. */
interface Namespace extends Disposable {
  /** What runs a program there. */
  readonly through: readonly string[]
  run(script: string): Promise<void>
}

async function mountNamespace(): Promise<Namespace> {
  const holder: ChildProcess = spawn('unshare', ['--mount', 'sh', '-c', 'echo; exec cat'])
  await once(holder.stdout!, 'data')
  const enter = ['--target', String(holder.pid), '--mount']
  return {
    // Entering leads to the root folder.
    through: ['nsenter', ...enter, 'sh', '-c', 'cd "$0" && exec "$@"', scratch.folder],
    async run(script) {
      const child = spawn('nsenter', [...enter, 'sh', '-ec', script])
      expect(await exitOf(child)).toMatchObject({ code: 0 })
    },
    [Symbol.dispose]: () => void holder.kill('SIGKILL'),
  }
}

test.runIf(root)('a full disk of the cache is told before anything is made', async () => {
  using namespace = await mountNamespace()
  const cache = join(scratch.folder, 'vm', 'small')
  mkdirSync(cache)
  await namespace.run(`mount -t tmpfs -o size=8m none ${cache}`)
  const env = { XDG_CACHE_HOME: cache }
  const { exitCode, stderr } = await vm(['setup', '--yes'], { env, through: namespace.through })
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(
    /^vm: what is to be made in .*small.* takes [\d.]+ GB, and its disk has 0 GB left\. Free some, or set XDG_CACHE_HOME/m,
  )
  expect(stderr).not.toMatch(/^ +at /m)
  await namespace.run(`! find ${cache} -name '*.making' -o -type f -size +0 | grep .`)
  rmSync(cache, { recursive: true })
})

test.runIf(root)(
  'a full disk of the workspace is told, and with room again all goes on',
  async () => {
    await vm(['down'])
    using namespace = await mountNamespace()
    const options = { through: namespace.through }
    const state = join(scratch.folder, '.vm')
    await namespace.run(`mkdir -p ${state} && mount -t tmpfs -o size=12m none ${state}`)
    const before = await scratch.bootId(options)

    await namespace.run(`head -c 12m /dev/zero >${state}/all 2>/dev/null || true`)
    writeFileSync(join(scratch.folder, 'vm', 'new-file'), 'new')
    const full = await vm(['exec', '--', 'true'], options)
    expect(full.exitCode).toBe(1)
    expect(full.stderr).toMatch(/^vm: this computer has no room left at .*sync\.json\. Free some/)
    expect(full.stderr).not.toMatch(/^ +at /m)

    const down = await vm(['down'], options)
    expect(down.stderr).toContain('The machine is down.')
    const start = await vm(['exec', '--', 'true'], options)
    expect(start.exitCode).toBe(1)
    expect(start.stderr).toContain('its disk has 0 GB left. Free some, or move the workspace')
    expect(await scratch.processes()).toEqual({ qemu: [], ssh: [] })

    await namespace.run(`rm ${state}/all; ! ls ${state}/*/*.json.* 2>/dev/null`)
    const next = await vm(['exec', '--', 'cat', 'vm/new-file'], options)
    expect(next).toEqual({ exitCode: 0, stdout: 'new', stderr: expect.anything() })
    expect(await scratch.bootId(options)).not.toBe(before)
    await vm(['down'], options)
    rmSync(join(scratch.folder, 'vm', 'new-file'))
  },
)

test.runIf(root)(
  'what the machine cannot write since this computer is full is told as lost',
  async () => {
    using namespace = await mountNamespace()
    const folder = mkdtempSync(join(tmpdir(), 'ebpf-labs-writes-'))
    await namespace.run(`mount -t tmpfs -o size=400m none ${folder}`)
    const options = { through: namespace.through, env: { TMPDIR: folder } }
    expect(await vm(['exec', '--', 'true'], options)).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: expect.anything(),
    })
    await namespace.run(`head -c 390m /dev/zero >${folder}/all 2>/dev/null || true`)
    const script = 'head -c 40M /dev/zero >/root/all; sync'
    const { exitCode, stderr } = await vm(['exec', '--', 'sh', '-c', script], options)
    expect(exitCode).toBe(125)
    expect(stderr).toContain(
      `what was written in it is lost, since this computer has no room for it (${folder})`,
    )
    expect(stderr).toMatch(/\| .*nvme0n\d/)
    expect(await scratch.processes()).toEqual({ qemu: [], ssh: [] })

    const refused = await vm(['exec', '--', 'true'], options)
    expect(refused.exitCode).toBe(1)
    expect(refused.stderr).toContain('Free some, or set TMPDIR to a folder on another disk')
    await namespace.run(`rm ${folder}/all`)
    expect(await vm(['exec', '--', 'echo', 'next'], options)).toMatchObject({ stdout: 'next\n' })
    await vm(['down'], options)
    rmSync(folder, { recursive: true })
  },
)
