import { HostError, MachineError, UsageError } from '../../../../vm/src/errors.ts'
import { withBundle } from './bundle.ts'
import { inPlace } from './place.ts'

/**
 * Runs `node` with arguments in the machine, in the folder that corresponds to the current one; inside the machine, or where the user chose
 * `LAB_VM=native`, this process becomes it. Failures of host or machine are told in one message.
 * @returns the exit code; in place it does not return
 */
export async function runNode(
  args: readonly string[],
  more: Record<string, string> = {},
): Promise<number> {
  const env = { ...more, NODE_OPTIONS: withBundle(process.cwd()) }
  if (inPlace()) {
    const own = { ...process.env, ...env }
    process.execve?.(process.execPath, [process.execPath, ...args], own)
  }
  try {
    const { exec } = await import('../../../../vm/src/index.ts')
    return (await exec(['node', ...args], { env })).exitCode
  } catch (error) {
    if (
      !(error instanceof UsageError || error instanceof HostError || error instanceof MachineError)
    )
      throw error
    console.error(error.message)
    return error.exitCode
  }
}
