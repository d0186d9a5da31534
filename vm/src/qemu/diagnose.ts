import { readFileSync } from 'node:fs'
import { MachineError } from '../errors.ts'
import { isAlive } from '../host/process.ts'
import type { Channel } from '../ssh/channel.ts'
import { connectMaster, masterStands } from '../ssh/master.ts'
import { consoleTail, readConsole } from './console.ts'
import type { MachinePaths, MachineState } from './state.ts'

/**
 * Finds out why ssh ended with 255, which may as well be the command's own exit code.
 * @throws MachineError unless machine and connection are well.
 */
export async function diagnose(
  state: MachineState,
  channel: Channel,
  paths: MachinePaths,
  stop: () => Promise<unknown>,
): Promise<void> {
  const tail = consoleTail(paths.console)
  // The connection breaks a little before QEMU is gone.
  const deadline = Date.now() + 1000
  const stands = await masterStands(channel)
  while (!stands && isAlive(state.qemu) && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  if (!isAlive(state.qemu)) {
    const console = readConsole(paths.console)
    if (/Kernel panic/.test(console))
      throw new MachineError('the kernel panicked', consoleTail(paths.console))
    if (/reboot: (Power down|System halted|Restarting)/.test(console)) {
      throw new MachineError('the machine was switched off from inside', tail)
    }
    const log = readFileSync(paths.qemuLog, 'utf8').trim().split('\n').filter(Boolean)
    throw new MachineError('QEMU ended: it was killed, or crashed', log.length > 0 ? log : tail)
  }
  if (stands) return
  try {
    await connectMaster(channel)
  } catch {
    await stop()
    throw new MachineError('the machine does not answer any more: it hangs', tail)
  }
  throw new MachineError('the connection to the machine broke; the machine itself is well', tail)
}
