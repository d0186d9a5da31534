import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { MachineError } from '../errors.ts'
import { isAlive, type ProcessId } from '../host/process.ts'
import type { Channel } from '../ssh/channel.ts'
import { connectMaster, masterStands } from '../ssh/master.ts'
import { consoleTail, readConsole } from './console.ts'
import type { MachinePaths } from './paths.ts'
import { stopMachine, type MachineState } from './state.ts'

/**
 * Finds out why ssh ended with 255, which may as well be the command's own exit code.
 * @throws MachineError unless machine and connection are well.
 */
export async function diagnose(state: MachineState, channel: Channel, paths: MachinePaths) {
  if (await masterStands(channel)) return
  if (await endsSoon(state.qemu)) throw causeOfEnd(paths)
  const tail = consoleTail(paths.console)
  try {
    await connectMaster(channel)
  } catch {
    await stopMachine(paths)
    throw new MachineError('it hangs: nothing in it answers any more', tail)
  }
  throw new MachineError('the connection to it broke, and the command with it')
}

/** The connection breaks a little before QEMU is gone. */
async function endsSoon(qemu: ProcessId): Promise<boolean> {
  const deadline = Date.now() + 2000
  while (isAlive(qemu)) {
    if (Date.now() > deadline) return false
    await delay(20)
  }
  return true
}

/** Why QEMU is gone: its exit code is the same in all cases, so the console has to tell. */
function causeOfEnd(paths: MachinePaths): MachineError {
  const console = readConsole(paths.console)
  const tail = consoleTail(paths.console)
  if (/Kernel panic/.test(console)) return new MachineError('the kernel panicked', tail)
  if (/reboot: (Power down|System halted|Restarting)/.test(console)) {
    return new MachineError('it was switched off from inside')
  }
  const log = readFileSync(paths.qemuLog, 'utf8').trim().split('\n').filter(Boolean)
  return new MachineError('QEMU is gone: it was killed, or crashed', log.length > 0 ? log : tail)
}
