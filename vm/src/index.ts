import { architectures, selectArchitecture } from './arch/select.ts'
import { kernels, selectKernel } from './kernels.ts'
import type { ExecOptions, ExecResult, Provider, Status } from './provider.ts'
import { composeBox } from './providers/compose.ts'
import type { Box } from './providers/box.ts'
import { boxProvider } from './providers/box-provider.ts'
import { limaBox } from './providers/lima.ts'
import { nativeProvider } from './providers/native.ts'
import { selectProvider } from './providers/select.ts'
import { vagrantBox } from './providers/vagrant.ts'
import { machineName, qemuProvider, stopMachines } from './qemu/machine.ts'
import { slots, takeSlot } from './slots.ts'

export { HostError, MachineError, UsageError } from './errors.ts'
export { report } from './report.ts'
export type { ExecOptions, ExecResult, Provider, Status } from './provider.ts'

/** Whether this process runs inside a machine already. */
export const insideMachine = (): boolean => process.env['EBPF_LABS_GUEST'] === '1'

const boxes: Record<Box['name'], () => Box> = {
  lima: limaBox,
  vagrant: vagrantBox,
  compose: composeBox,
}

/**
 * The machine that LAB_VM, LAB_ARCH and LAB_KERNEL select.
 * @param slot which of several that are alike; the first is the usual one, and only QEMU has more
 * @throws UsageError if there is no such machine.
 */
export function machine(slot = 1): Provider {
  const name = selectProvider()
  if (name === 'native') return nativeProvider()
  if (name === 'qemu') return qemuProvider(selectArchitecture(), selectKernel(), slot)
  return boxProvider(boxes[name]())
}

/**
 * Starts the machine if it is down, making what it needs first.
 * @throws HostError if this computer lacks something, MachineError if the machine does not come up.
 */
export const ensure = (): Promise<void> => machine().ensure()

/**
 * Runs a command as root in the machine, in the folder that corresponds to `cwd`.
 * @throws MachineError if the machine fails, UsageError if `cwd` is not in the workspace.
 */
export const exec = (argv: readonly string[], options?: ExecOptions): Promise<ExecResult> =>
  machine().exec(argv, options)

/** How long a package's tests may take, in seconds: three times what the slowest take on emulated arm64. A loop without end is told then. */
const testTimeLimit = 40 * 60

/**
 * Like {@link exec}, for tests: in a machine in which no other tests run, the usual one if it is free. Waits if there is none.
 * @throws like {@link exec}
 */
export async function execAlone(
  argv: readonly string[],
  options?: ExecOptions,
): Promise<ExecResult> {
  if (selectProvider() === 'native') return await machine().exec(argv, options)
  using slot = await takeSlot(selectProvider() === 'qemu' ? slots() : [1])
  return await machine(slot.number).exec(argv, { timeLimit: testTimeLimit, ...options })
}

/** What runs of this workspace: every machine of every kernel and architecture. */
export async function runningMachines(): Promise<Status[]> {
  const all = architectures.flatMap((arch) =>
    kernels.flatMap((series) => slots().map((slot) => qemuProvider(arch, series, slot).status())),
  )
  return (await Promise.all(all)).filter(({ running }) => running)
}

/**
 * Ends every machine of this workspace, of whatever kind and kernel.
 * @returns how many ran
 */
export async function downAll(): Promise<number> {
  const others = await Promise.all(Object.values(boxes).map((box) => boxProvider(box()).down()))
  const qemu = await stopMachines(
    architectures.flatMap((arch) =>
      kernels.flatMap((series) => slots().map((slot) => machineName(arch, series, slot))),
    ),
  )
  return qemu + others.filter(Boolean).length
}
