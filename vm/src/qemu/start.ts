import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import type { Acceleration, Architecture } from '../arch/arch.ts'
import { HostError, MachineError } from '../errors.ts'
import { findProgram } from '../host/clang.ts'
import { identify, isAlive, type ProcessId } from '../host/process.ts'
import { connectMaster } from '../ssh/master.ts'
import { channelTo } from '../ssh/channel.ts'
import { qemuArguments } from './arguments.ts'
import { consoleTail, readConsole } from './console.ts'
import type { Images } from './images.ts'
import { qmp } from './qmp.ts'
import { forget, writeJson, type MachinePaths, type MachineState } from './state.ts'

/** Far more than a boot takes, for a host that has much else to do. */
const bootDeadline = 90_000

/**
 * Starts QEMU and waits until the machine answers. QEMU goes on when this process ends.
 * @throws MachineError if the machine does not come up, HostError if QEMU refuses to start.
 */
export async function startMachine(
  arch: Architecture,
  acceleration: Acceleration,
  images: Images,
  paths: MachinePaths,
): Promise<MachineState> {
  forget(paths.state, paths.sync, paths.pidFile, paths.console, paths.qmp, paths.control)
  const began = Date.now()
  const processors = arch.processors(acceleration, cpus().length)
  const args = qemuArguments(arch, acceleration, processors, {
    kernel: images.kernel.image,
    disks: { root: images.root.image, modules: images.kernel.modules, node: images.node },
    console: paths.console,
    qmpSocket: paths.qmp,
    pidFile: paths.pidFile,
  })
  const log = openSync(paths.qemuLog, 'w')
  // flock --no-fork becomes QEMU, which so holds the lock as long as it lives, whoever is killed.
  const program = findProgram(arch.qemu) ?? arch.qemu
  const child = spawn('flock', ['--nonblock', '--no-fork', paths.alive, program, ...args], {
    detached: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  const qemu = child.pid === undefined ? undefined : identify(child.pid)
  if (!qemu) throw new HostError(`cannot start ${program}. Run: npm run vm -- setup`)
  child.unref()
  try {
    await ready(qemu, paths, began)
    const port = await forwardedPort(paths.qmp)
    await connectMaster(channelTo(images.root, port, paths.control))
    const state = {
      qemu,
      boot: randomUUID(),
      key: images.key,
      port,
      kernel: images.kernel.release,
      acceleration: `${acceleration.kind}, ${processors} CPU${processors > 1 ? 's' : ''}`,
      since: new Date().toISOString(),
    }
    writeJson(paths.state, state)
    return state
  } catch (error) {
    if (isAlive(qemu)) process.kill(qemu.pid, 'SIGKILL')
    throw error
  }
}

async function ready(qemu: ProcessId, paths: MachinePaths, began: number): Promise<void> {
  while (!readConsole(paths.console).includes('ebpf-labs: ready')) {
    if (!isAlive(qemu)) {
      const why = readFileSync(paths.qemuLog, 'utf8').trim()
      if (why) throw new HostError(`QEMU did not start:\n  ${why.replaceAll('\n', '\n  ')}`)
      throw new MachineError('the machine ended while it started', consoleTail(paths.console))
    }
    if (Date.now() - began > bootDeadline) {
      throw new MachineError(
        `the machine did not come up within ${bootDeadline / 1000} s`,
        consoleTail(paths.console),
      )
    }
    await delay(20)
  }
}

/** The port of the host's loopback that leads to the machine's sshd, as QEMU was given it. */
async function forwardedPort(socket: string): Promise<number> {
  const command = { 'command-line': 'info usernet' }
  const table = String(await qmp(socket, 'human-monitor-command', command))
  const port = /HOST_FORWARD\]\s+\S+\s+127\.0\.0\.1\s+(\d+)/.exec(table)?.[1]
  if (!port) throw new MachineError(`QEMU forwards no port: ${table.trim()}`)
  return Number(port)
}
