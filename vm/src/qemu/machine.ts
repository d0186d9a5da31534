import { existsSync, mkdirSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Architecture } from '../arch/arch.ts'
import { FullDiskError, MachineError } from '../errors.ts'
import { provideRequirements } from '../host/install.ts'
import { readJson, writeJson } from '../host/json-file.ts'
import { lockFile } from '../host/lock.ts'
import { secondsAsleep } from '../host/sleep.ts'
import { killProcess } from '../host/process.ts'
import { say, step } from '../host/step.ts'
import type { KernelSeries } from '../kernels.ts'
import type { ExecOptions, ExecResult, Provider, Status } from '../provider.ts'
import { channelTo, sshTransport, type Channel } from '../ssh/channel.ts'
import { connectMaster, masterStands } from '../ssh/master.ts'
import { isSyncIndex, planSync } from '../sync/plan.ts'
import { sendFiles } from '../sync/send.ts'
import { runScript } from '../transport.ts'
import { chooseAcceleration } from './acceleration.ts'
import { lostWrites, readConsole, watchConsole } from './console.ts'
import { causeOfEnd, diagnose } from './diagnose.ts'
import { runInMachine } from './exec.ts'
import { makeImages, touchImages } from './images.ts'
import { machinePaths, type MachinePaths } from './paths.ts'
import { countRuns, signalRun, takeOrphanedRuns } from './runs.ts'
import { startMachine } from './start.ts'
import { runningState, stopMachine, type MachineState } from './state.ts'

interface Running {
  readonly state: MachineState
  readonly channel: Channel
}

/** What a machine is called in the workspace's `.vm` folder. */
export const machineName = (arch: Architecture, { series }: KernelSeries, slot = 1): string =>
  `qemu-${arch.name}-${series}${slot === 1 ? '' : `-${slot}`}`

/**
 * A machine of our own making: Debian's kernel and a Debian root disk in QEMU.
 * @param slot which of several that are alike
 */
export function qemuProvider(arch: Architecture, series: KernelSeries, slot = 1): Provider {
  const paths = machinePaths(machineName(arch, series, slot))
  return {
    name: 'qemu',
    async ensure(): Promise<void> {
      await ensure(arch, series, paths)
    },
    async exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
      const machine = await prepare(arch, series, paths)
      const { state, channel } = machine
      const end = (): void => void killProcess(state.qemu)
      const result = await runInMachine(sshTransport(channel), paths, argv, options, end)
      if (result.exitCode === 255) await diagnose(state, channel, paths)
      if (!lostWrites(paths.console)) return result
      await stop(paths)
      throw causeOfEnd(paths)
    },
    async status(): Promise<Status> {
      const state = runningState(paths)
      const base = { provider: 'qemu', running: !!state, arch: arch.name, series: series.series }
      if (!state) return base
      const { kernel, acceleration, port, since } = state
      return { ...base, kernel, acceleration, port, since, pid: state.qemu.pid }
    },
    down: () => stop(paths),
    logs: (previous) => readConsole(previous ? paths.previousConsole : paths.console),
  }
}

/**
 * Ends those of the machines of these names that there are.
 * @returns how many ran
 */
export async function stopMachines(names: readonly string[]): Promise<number> {
  // The state folder may have been deleted; the sockets are elsewhere, and go when a machine ends.
  const all = names.map(machinePaths)
  const known = all.filter(({ folder, sockets }) => existsSync(folder) || existsSync(sockets))
  return (await Promise.all(known.map(stop))).filter(Boolean).length
}

async function stop(paths: MachinePaths): Promise<boolean> {
  using _lock = await lock(paths)
  return stopMachine(paths)
}

function lock(paths: MachinePaths): Promise<Disposable> {
  mkdirSync(paths.folder, { recursive: true })
  return lockFile(paths.lock, () => say('… waiting for another command that starts the machine'))
}

/** The running machine, started if it is down or of an older make. */
async function ensure(
  arch: Architecture,
  series: KernelSeries,
  paths: MachinePaths,
): Promise<Running> {
  const images = await makeImages(arch, series)
  const connect = (state: MachineState): Running => ({
    state,
    channel: channelTo(images.root, state.port, paths.control),
  })
  const running = runningState(paths)
  if (running?.key === images.key) return connect(running)
  if (running) await unused(paths)

  await provideRequirements(arch)
  using _lock = await lock(paths)
  const other = runningState(paths)
  if (other?.key === images.key) return connect(other)
  await stopMachine(paths)
  touchImages(images)
  const acceleration = await chooseAcceleration(arch, images.kernel.image)
  return connect(
    await step(`Starting Linux ${images.kernel.release}`, () =>
      startMachine(arch, acceleration, images, paths),
    ),
  )
}

/** The running machine with the workspace as it is now; a fresh one if it has no room for that. */
async function prepare(
  arch: Architecture,
  series: KernelSeries,
  paths: MachinePaths,
): Promise<Running> {
  const machine = await ensure(arch, series, paths)
  try {
    using _console = watchConsole(paths.console, () => void killProcess(machine.state.qemu))
    await sync(machine, paths)
    return machine
  } catch (error) {
    if (!(error instanceof MachineError)) throw error
    if (!(error instanceof FullDiskError)) await diagnose(machine.state, machine.channel, paths)
    if (!(error instanceof FullDiskError) || countRuns(paths.runs) > 0) throw error
  }
  say("  The machine's disk is full: starting a fresh one.")
  await stop(paths)
  const fresh = await ensure(arch, series, paths)
  await sync(fresh, paths)
  return fresh
}

/** Waits until nobody uses a machine that is to be replaced. */
async function unused(paths: MachinePaths): Promise<void> {
  say('  The machine was made from other disks or another kernel: starting a fresh one.')
  const count = countRuns(paths.runs)
  if (count > 0) {
    say(
      `… waiting for ${count} command${count > 1 ? 's' : ''} in it (end them: npm run vm -- down)`,
    )
  }
  while (countRuns(paths.runs) > 0) await delay(200)
}

/** Brings the workspace's changes into the machine, and ends what killed commands left there. */
async function sync({ state, channel }: Running, paths: MachinePaths): Promise<void> {
  const transport = sshTransport(channel)
  const orphans = takeOrphanedRuns(paths.runs)
  const plan = () => planSync(state.boot, readIndex(paths))
  const asleep = secondsAsleep()
  const slept = Math.abs(asleep - state.asleep) > 1
  if (orphans.length === 0 && !slept && !plan().stale) return
  using _lock = await lock(paths)
  if (!(await masterStands(channel))) await connectMaster(channel)
  if (orphans.length > 0) {
    const script = `${orphans.map((id) => signalRun(id, 'KILL')).join('; ')}; true`
    await runScript(transport, script, 'end what killed commands left running')
  }
  if (slept) {
    const script = `date -s @${Date.now() / 1000} >/dev/null`
    await runScript(transport, script, 'set its clock after this computer slept')
    writeJson(paths.state, { ...state, asleep })
  }
  const { send, remove, index, stale } = plan()
  if (send.length + remove.length > 0) await sendFiles(transport, send, remove)
  if (stale) writeJson(paths.sync, index)
}

function readIndex(paths: MachinePaths) {
  const index = readJson(paths.sync)
  return isSyncIndex(index) ? index : undefined
}
