import { join } from 'node:path'
import { socketFolder, stateFolder } from '../workspace.ts'

/** Where one machine keeps its files. */
export interface MachinePaths {
  readonly folder: string
  readonly state: string
  readonly lock: string
  readonly console: string
  readonly previousConsole: string
  readonly qemuLog: string
  readonly sync: string
  readonly sockets: string
  readonly qmp: string
  readonly control: string
  /** One file for each command that runs in the machine. */
  readonly runs: string
}

export function machinePaths(machine: string): MachinePaths {
  const folder = stateFolder(machine)
  const sockets = socketFolder(machine)
  return {
    folder,
    state: join(folder, 'state.json'),
    lock: join(folder, 'lock'),
    console: join(folder, 'console.log'),
    previousConsole: join(folder, 'console.previous.log'),
    qemuLog: join(folder, 'qemu.log'),
    sync: join(folder, 'sync.json'),
    sockets,
    qmp: join(sockets, 'qmp'),
    control: join(sockets, 'ssh'),
    runs: join(folder, 'runs'),
  }
}
