import type { ExecOptions, ExecResult } from '../../../../vm/src/index.ts'
import { withBundle } from './bundle.ts'
import { inPlace } from './place.ts'

/**
 * Runs `node` with arguments in the machine, in the folder that corresponds to the current one; inside the machine, or where the user chose
 * `LAB_VM=native`, this process becomes it. Failures of host or machine are told in one message.
 * @param more variables for its environment
 * @param how `execAlone` for what must have a machine to itself
 * @returns the exit code; in place it does not return
 */
export async function runNode(
  args: readonly string[],
  more: Record<string, string> = {},
  how: 'exec' | 'execAlone' = 'exec',
): Promise<number> {
  const env = { ...more, NODE_OPTIONS: withBundle(process.cwd()) }
  if (inPlace()) {
    const lacking = await refuseInPlace()
    if (lacking !== undefined) return lacking
    const own = { ...process.env, ...env }
    process.execve?.(process.execPath, [process.execPath, ...args], own)
  }
  const vm = await import('../../../../vm/src/index.ts')
  const exec: (argv: readonly string[], options: ExecOptions) => Promise<ExecResult> = vm[how]
  try {
    return (await exec(['node', ...args], { env })).exitCode
  } catch (error) {
    return vm.report(error)
  }
}

/** The exit code if this computer, chosen with `LAB_VM=native`, lacks what the lab needs; says what. */
async function refuseInPlace(): Promise<number | undefined> {
  if (process.env['EBPF_LABS_GUEST'] === '1') return undefined // the machine has it all, and looking takes time
  const { requireNative } = await import('../../../../vm/src/providers/native-needs.ts')
  try {
    requireNative(process.cwd())
    return undefined
  } catch (error) {
    const { report } = await import('../../../../vm/src/report.ts')
    return report(error)
  }
}
