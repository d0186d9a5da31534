import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import type { Acceleration, Architecture } from '../arch/arch.ts'
import { HostError, MachineError } from '../errors.ts'
import { requireSpace } from '../host/disk-space.ts'
import { writeJson } from '../host/json-file.ts'
import { identify, isAlive, type ProcessId } from '../host/process.ts'
import { findProgram } from '../host/programs.ts'
import { secondsAsleep } from '../host/sleep.ts'
import { channelTo } from '../ssh/channel.ts'
import { connectMaster } from '../ssh/master.ts'
import { makePrivateFolder } from '../workspace.ts'
import { qemuArguments } from './arguments.ts'
import { consoleTail, readConsole } from './console.ts'
import type { Images } from './images.ts'
import type { MachinePaths } from './paths.ts'
import { qmp } from './qmp.ts'
import { stopMachine, type MachineState } from './state.ts'

/** Far more than a boot takes, for a host that has much else to do. */
const bootDeadline = 90_000

/**
 * Starts QEMU and waits until the machine answers. QEMU goes on when this process ends; if that
 * is by a signal before the machine is ready, it does not.
 * @throws MachineError if the machine does not come up, HostError if QEMU refuses to start.
 */
export async function startMachine(
  arch: Architecture,
  acceleration: Acceleration,
  images: Images,
  paths: MachinePaths,
): Promise<MachineState> {
  requireRoom(paths)
  makePrivateFolder(paths.sockets)
  if (existsSync(paths.console)) renameSync(paths.console, paths.previousConsole)
  mkdirSync(paths.runs, { recursive: true })
  const processors = arch.processors(acceleration, cpus().length)
  const qemu = launch(arch, paths, [
    ...qemuArguments(arch, acceleration, processors, {
      kernel: images.kernel.image,
      disks: { root: images.root.image, modules: images.kernel.modules, node: images.node },
      console: paths.console,
      qmpSocket: paths.qmp,
    }),
  ])
  using _interrupts = killOnInterrupt(qemu)
  try {
    await ready(qemu, paths)
    const port = await forwardedPort(paths.qmp)
    await connectMaster(channelTo(images.root, port, paths.control))
    const cpuCount = `${processors} CPU${processors > 1 ? 's' : ''}`
    const state = {
      qemu,
      boot: randomUUID(),
      key: images.key,
      port,
      control: paths.control,
      kernel: images.kernel.release,
      acceleration: `${acceleration.kind}, ${cpuCount}`,
      since: new Date().toISOString(),
      asleep: secondsAsleep(),
    }
    writeJson(paths.state, state)
    return state
  } catch (error) {
    await stopMachine(paths)
    throw error
  }
}

/** Without room for its console nobody would learn how it fares, and without room for its writes it loses them. */
function requireRoom(paths: MachinePaths): void {
  requireSpace(paths.folder, 0.01, 'move the workspace to another disk')
  requireSpace(writesFolder(), 0.3, 'set TMPDIR to a folder on another disk')
}

/** Where QEMU keeps what the machine writes (snapshot=on), in files without a name. Not in memory, as /tmp may be. */
export const writesFolder = (): string => (tmpdir() === '/tmp' ? '/var/tmp' : tmpdir())

function launch(arch: Architecture, paths: MachinePaths, args: string[]): ProcessId {
  const program = findProgram(arch.qemu) ?? arch.qemu
  const log = openSync(paths.qemuLog, 'w')
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, TMPDIR: writesFolder() },
  })
  closeSync(log)
  const qemu = child.pid === undefined ? undefined : identify(child.pid)
  if (!qemu) throw new HostError(`cannot start ${program}. Run: npm run vm -- setup`)
  child.unref()
  return qemu
}

function killOnInterrupt(qemu: ProcessId): Disposable {
  const end = (signal: NodeJS.Signals): void => {
    if (isAlive(qemu)) process.kill(qemu.pid, 'SIGKILL')
    process.exit(signal === 'SIGINT' ? 130 : 143)
  }
  process.once('SIGINT', end).once('SIGTERM', end)
  return { [Symbol.dispose]: () => void process.off('SIGINT', end).off('SIGTERM', end) }
}

async function ready(qemu: ProcessId, paths: MachinePaths): Promise<void> {
  const deadline = Date.now() + bootDeadline
  while (!readConsole(paths.console).includes('ebpf-labs: ready')) {
    if (!isAlive(qemu)) {
      const tail = consoleTail(paths.console)
      const log = readFileSync(paths.qemuLog, 'utf8').trim()
      if (log) throw new HostError(`QEMU did not start:\n  ${log.replaceAll('\n', '\n  ')}`)
      throw new MachineError('the machine ended while it started', tail)
    }
    if (Date.now() > deadline) {
      const seconds = bootDeadline / 1000
      throw new MachineError(`the machine is not up after ${seconds} s`, consoleTail(paths.console))
    }
    await delay(20)
  }
}

/** The port of the host's loopback that leads to the machine's sshd, as QEMU was given it. */
async function forwardedPort(socket: string): Promise<number> {
  const query = { 'command-line': 'info usernet' }
  // As patient as with the boot: a busy computer is none that fails.
  const table = String(await qmp(socket, 'human-monitor-command', query, 30_000))
  const port = /HOST_FORWARD\]\s+\S+\s+127\.0\.0\.1\s+(\d+)/.exec(table)?.[1]
  if (!port) throw new MachineError(`QEMU forwards no port: ${table.trim()}`)
  return Number(port)
}
