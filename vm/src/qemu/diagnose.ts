import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { MachineError } from '../errors.ts'
import { isAlive, type ProcessId } from '../host/process.ts'
import { sshTransport, type Channel } from '../ssh/channel.ts'
import { connectMaster, masterStands } from '../ssh/master.ts'
import { runScript } from '../transport.ts'
import { consoleTail, lostWrites, readConsole } from './console.ts'
import type { MachinePaths } from './paths.ts'
import { qmp } from './qmp.ts'
import { writesFolder } from './start.ts'
import { stopMachine, type MachineState } from './state.ts'

/**
 * Finds out why ssh ended with 255, which may as well be the command's own exit code.
 * @throws MachineError unless machine and connection are well.
 */
export async function diagnose(state: MachineState, channel: Channel, paths: MachinePaths) {
  if (await masterStands(channel)) return await checkFiles(channel, paths)
  try {
    // QEMU gone means that this is refused at once. A machine that does not answer gets this one more chance.
    await connectMaster(channel, 4)
  } catch {
    const cause = (await endsWithin(2000, state.qemu))
      ? causeOfEnd(paths)
      : await causeOfSilence(state.qemu, paths)
    await stopMachine(paths)
    throw cause
  }
  throw new MachineError('the connection to it broke, and the command with it')
}

/** `run` looks for these when a command has ended, and exits with 255 if they are gone. */
async function checkFiles(channel: Channel, paths: MachinePaths): Promise<void> {
  try {
    const script = '[ -r /usr/lib/ebpf-labs/run ] && [ -r /workspace/package.json ]'
    await runScript(sshTransport(channel), script, 'look for its files')
  } catch {
    await stopMachine(paths)
    throw new MachineError('files that it cannot do without were removed from it')
  }
}

async function endsWithin(milliseconds: number, qemu: ProcessId): Promise<boolean> {
  const deadline = Date.now() + milliseconds
  while (isAlive(qemu)) {
    if (Date.now() > deadline) return false
    await delay(20)
  }
  return true
}

/** Why a machine that runs does not answer. */
async function causeOfSilence(qemu: ProcessId, paths: MachinePaths): Promise<MachineError> {
  try {
    // The kernel answers this one whatever it does (on amd64), by telling who has the processor, and ends.
    await qmp(paths.qmp, 'inject-nmi')
    await endsWithin(2000, qemu)
  } catch (error) {
    if (!(error instanceof MachineError)) throw error
  }
  return new MachineError('it hangs: nothing in it answers any more', consoleTail(paths.console))
}

/** Why a machine is gone: QEMU's exit code is the same in all cases, so the console has to tell. */
export function causeOfEnd(paths: MachinePaths): MachineError {
  const console = readConsole(paths.console)
  if (lostWrites(paths.console)) {
    const what = `what was written in it is lost, since this computer has no room for it (${writesFolder()})`
    return new MachineError(what, consoleTail(paths.console, 3))
  }
  const tail = consoleTail(paths.console)
  if (/Kernel panic/.test(console)) return new MachineError('the kernel panicked', tail)
  if (/reboot: (Power down|System halted|Restarting)/.test(console)) {
    return new MachineError('it was switched off from inside')
  }
  const log = readFileSync(paths.qemuLog, 'utf8').trim().split('\n').filter(Boolean)
  return new MachineError('QEMU is gone: it was killed, or crashed', log.length > 0 ? log : tail)
}
