import { once } from 'node:events'
import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { scratchWorkspace, type ScratchWorkspace } from '../../test/scratch-workspace.ts'
import { until } from '../../test/until.ts'
import { selectArchitecture } from '../arch/select.ts'
import { exitOf } from '../host/child.ts'
import { killProcess } from '../host/process.ts'

let scratch: ScratchWorkspace
const vm: ScratchWorkspace['vm'] = (args, options) => scratch.vm(args, options)

beforeAll(() => {
  scratch = scratchWorkspace()
})
afterAll(() => scratch[Symbol.asyncDispose]())

const machineProcesses = () => scratch.processes()
const bootId = () => scratch.bootId()

test('two commands at once, with the machine down, share one machine', async () => {
  const [one, two] = await Promise.all([bootId(), bootId()])
  expect(one).toMatch(/^[0-9a-f-]{36}\n$/)
  expect(two).toBe(one)
  expect((await machineProcesses()).qemu).toHaveLength(1)
})

test('Ctrl-C reaches the command, which may clean up, and its exit code comes back', async () => {
  const script = 'trap "echo cleaned up; exit 42" INT; echo started; while :; do sleep 0.1; done'
  const child = scratch.startVm(['exec', '--', 'sh', '-c', script])
  let output = ''
  child.stdout?.on('data', (chunk) => (output += String(chunk)))
  await until('the command prints', () => output.includes('started'))
  child.kill('SIGINT')
  expect(await exitOf(child)).toMatchObject({ code: 42 })
  expect(output).toBe('started\ncleaned up\n')
})

test('SIGTERM ends a command that does not care for it', async () => {
  const child = scratch.startVm(['exec', '--', 'sh', '-c', 'echo started; exec sleep 1000'])
  await once(child.stdout!, 'data')
  child.kill('SIGTERM')
  expect(await exitOf(child)).toMatchObject({ code: 128 + 15 })
})

test('kill -9 of a command leaves no ssh here and, after the next command, nothing there', async () => {
  const child = scratch.startVm(['exec', '--', 'sh', '-c', 'echo started; sleep 4711; true'])
  await once(child.stdout!, 'data')
  const before = (await machineProcesses()).ssh.length
  child.kill('SIGKILL')
  await until('ssh ends', async () => (await machineProcesses()).ssh.length === before - 1)
  const count = 'ps -e -o args= | grep -c "^sleep 4711"'
  await vm(['exec', '--', 'true'])
  expect((await vm(['exec', '--', 'sh', '-c', count])).stdout).toBe('0\n')
})

test('a panic is reported as one, with its text, and the next command has a fresh machine', async () => {
  const before = await bootId()
  const script = 'echo about to; sleep 3; echo c > /proc/sysrq-trigger; sleep 100'
  const { exitCode, stdout, stderr } = await vm(['exec', '--', 'sh', '-c', script])
  expect(exitCode).toBe(125)
  expect(stdout).toBe('about to\n')
  expect(stderr).toContain('the machine failed: the kernel panicked')
  expect(stderr).toContain('Kernel panic - not syncing: sysrq triggered crash')
  const after = await bootId()
  expect(after).toMatch(/^[0-9a-f-]{36}\n$/)
  expect(after).not.toBe(before)
})

test('kill -9 of QEMU is reported as that, and the next command has a fresh machine', async () => {
  const child = scratch.startVm(['exec', '--', 'sh', '-c', 'echo started; sleep 1000'])
  let complaint = ''
  child.stderr?.on('data', (chunk) => (complaint += String(chunk)))
  await once(child.stdout!, 'data')
  for (const qemu of (await machineProcesses()).qemu) await killProcess(qemu)
  expect(await exitOf(child)).toMatchObject({ code: 125 })
  expect(complaint).toContain('QEMU is gone: it was killed, or crashed')
  expect(await vm(['exec', '--', 'echo', 'fresh'])).toMatchObject({
    exitCode: 0,
    stdout: 'fresh\n',
  })
})

test('a machine that was switched off from inside is reported as that', async () => {
  const { exitCode, stderr } = await vm(['exec', '--', 'sh', '-c', 'poweroff -f; sleep 100'])
  expect(exitCode).toBe(125)
  expect(stderr).toContain('it was switched off from inside')
})

test('kill -9 while the machine starts: the next command works, and there is one machine', async () => {
  expect((await machineProcesses()).qemu).toHaveLength(0)
  const child = scratch.startVm(['exec', '--', 'true'])
  await until('QEMU runs', async () => (await machineProcesses()).qemu.length === 1)
  child.kill('SIGKILL')
  expect(await vm(['exec', '--', 'echo', 'up'])).toMatchObject({ exitCode: 0, stdout: 'up\n' })
  expect((await machineProcesses()).qemu).toHaveLength(1)
})

test('a machine whose state was deleted is ended all the same', async () => {
  await vm(['exec', '--', 'true'])
  rmSync(join(scratch.folder, '.vm'), { recursive: true })
  expect((await vm(['down'])).stderr).toContain('The machine is down.')
  expect(await machineProcesses()).toEqual({ qemu: [], ssh: [] })
  expect((await vm(['down'])).stderr).toContain('The machine was down already.')
})

test('a machine whose workspace was moved is ended from the new place', async () => {
  await vm(['exec', '--', 'true'])
  const moved = `${scratch.folder}-moved`
  renameSync(scratch.folder, moved)
  const { stderr } = await vm(['down'], { workspace: moved })
  renameSync(moved, scratch.folder)
  expect(stderr).toContain('The machine is down.')
  await until('ssh ends, too', async () => (await machineProcesses()).ssh.length === 0)
  expect((await machineProcesses()).qemu).toEqual([])
})

test('a machine that hangs is reported as that and ended', async () => {
  // The kernel keeps a share of the processor for normal tasks; without it, this takes all.
  const script = `for cpu in /sys/kernel/debug/sched/fair_server/cpu*; do echo 0 > $cpu/runtime; done
    sysctl -qw kernel.sched_rt_runtime_us=-1
    for other in $(seq 2 $(nproc)); do chrt -f 99 sh -c 'while :; do :; done' & done
    exec chrt -f 99 sh -c 'while :; do :; done'`
  const { exitCode, stderr } = await vm(['exec', '--', 'sh', '-c', script])
  expect(exitCode).toBe(125)
  expect(stderr).toContain('it hangs: nothing in it answers any more')
  // Who had the processor; arm64 has no interrupt that could ask it.
  const told = selectArchitecture().name === 'amd64' ? /CPU: 0 .*Comm: sh / : /it hangs/
  expect(stderr).toMatch(told)
  expect((await machineProcesses()).qemu).toEqual([])
})
