import { selectArchitecture } from './arch/select.ts'
import { selectKernel } from './kernels.ts'
import type { ExecOptions, ExecResult, Provider } from './provider.ts'
import { qemuProvider } from './qemu/machine.ts'

export { HostError, MachineError, UsageError } from './errors.ts'
export type { ExecOptions, ExecResult, Provider, Status } from './provider.ts'

/** Whether this process runs inside a machine already. */
export const insideMachine = (): boolean => process.env['EBPF_LABS_GUEST'] === '1'

/** The machine that LAB_ARCH and LAB_KERNEL select. */
export const machine = (): Provider => qemuProvider(selectArchitecture(), selectKernel())

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
