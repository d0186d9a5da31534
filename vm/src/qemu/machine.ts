import type { Architecture } from '../arch/arch.ts'
import { withLock } from '../host/lock.ts'
import { identify, isAlive, killProcess } from '../host/process.ts'
import { say, step } from '../host/step.ts'
import type { KernelSeries } from '../kernels.ts'
import type { ExecOptions, ExecResult, Provider, Status } from '../provider.ts'
import { channelTo, type Channel } from '../ssh/channel.ts'
import { planSync, type SyncIndex } from '../sync/plan.ts'
import { sendFiles } from '../sync/send.ts'
import { chooseAcceleration } from './acceleration.ts'
import { readConsole } from './console.ts'
import { diagnose } from './diagnose.ts'
import { runInMachine } from './exec.ts'
import { makeImages, type Images } from './images.ts'
import { startMachine } from './start.ts'
import { forget, machinePaths, readJson, readPid, writeJson, type MachineState } from './state.ts'

interface Running {
  readonly state: MachineState
  readonly channel: Channel
}

/** A machine of our own making: Debian's kernel and a Debian root disk in QEMU. */
export function qemuProvider(arch: Architecture, series: KernelSeries): Provider {
  const paths = machinePaths(`qemu-${arch.name}-${series.series}`)

  const current = (): MachineState | undefined => {
    const state = readJson<MachineState>(paths.state)
    return state && isAlive(state.qemu) ? state : undefined
  }

  const lock = () =>
    withLock(paths.lock, () => say('… waiting for another command to start or end the machine'))

  /** Ends QEMU, also one that was started by a command which was killed before it was ready. */
  async function stop(): Promise<boolean> {
    const state = readJson<MachineState>(paths.state)
    const started = identify(readPid(paths.pidFile))
    const alive = [state?.qemu, started].filter(isAlive)
    for (const qemu of alive) await killProcess(qemu)
    forget(paths.state, paths.sync, paths.pidFile, paths.qmp, paths.control)
    return alive.length > 0
  }

  async function ensure(): Promise<Running> {
    const images = await makeImages(arch, series)
    const connect = (state: MachineState): Running => ({
      state,
      channel: channelTo(images.root, state.port, paths.control),
    })
    const state = current()
    if (state?.key === images.key) return connect(state)
    using _lock = await lock()
    const other = current()
    if (other?.key === images.key) return connect(other)
    if (other) say('  The machine is of an older make: starting a fresh one.')
    await stop()
    const acceleration = await chooseAcceleration(arch, images.kernel.image)
    return connect(
      await step(`Starting Linux ${images.kernel.release}`, () =>
        startMachine(arch, acceleration, images, paths),
      ),
    )
  }

  async function sync({ state, channel }: Running): Promise<void> {
    const unchanged = planSync(state.boot, readJson<SyncIndex>(paths.sync))
    if (!unchanged.stale) return
    using _lock = await lock()
    const plan = planSync(state.boot, readJson<SyncIndex>(paths.sync))
    if (plan.send.length + plan.remove.length > 0) {
      await sendFiles(channel, plan.send, plan.remove)
    }
    writeJson(paths.sync, plan.index)
  }

  return {
    name: 'qemu',
    ensure: async () => {
      await ensure()
    },
    async exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
      const machine = await ensure()
      await sync(machine)
      const result = await runInMachine(machine.channel, argv, options)
      if (result.exitCode === 255) await diagnose(machine.state, machine.channel, paths, stop)
      return result
    },
    async status(): Promise<Status> {
      const state = current()
      const base = { provider: 'qemu', running: !!state, arch: arch.name, series: series.series }
      if (!state) return base
      const { kernel, acceleration, port, since } = state
      return { ...base, kernel, acceleration, port, since, pid: state.qemu.pid }
    },
    async down(): Promise<boolean> {
      using _lock = await lock()
      return stop()
    },
    logs: () => readConsole(paths.console),
  }
}
