import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProcessId } from '../host/process.ts'
import { socketFolder, stateFolder } from '../workspace.ts'

/** What is known of a machine that was started. It is written once the machine is ready. */
export interface MachineState {
  readonly qemu: ProcessId
  /** Tells one start of the machine from another. */
  readonly boot: string
  /** What it was made from: if that changes, a fresh one is due. */
  readonly key: string
  readonly port: number
  readonly kernel: string
  readonly acceleration: string
  readonly since: string
}

/** Where one machine keeps its files. */
export interface MachinePaths {
  readonly folder: string
  readonly state: string
  readonly lock: string
  readonly alive: string
  readonly pidFile: string
  readonly console: string
  readonly qemuLog: string
  readonly sync: string
  readonly qmp: string
  readonly control: string
}

export function machinePaths(machine: string): MachinePaths {
  const folder = stateFolder(machine)
  const sockets = socketFolder(machine)
  return {
    folder,
    state: join(folder, 'state.json'),
    lock: join(folder, 'lock'),
    alive: join(folder, 'alive'),
    pidFile: join(folder, 'qemu.pid'),
    console: join(folder, 'console.log'),
    qemuLog: join(folder, 'qemu.log'),
    sync: join(folder, 'sync.json'),
    qmp: join(sockets, 'qmp'),
    control: join(sockets, 'ssh'),
  }
}

export function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T
  } catch {
    return undefined
  }
}

/** Writes beside and renames: a reader sees the old or the new content, never half of it. */
export function writeJson(file: string, value: unknown): void {
  const beside = `${file}.${process.pid}`
  writeFileSync(beside, JSON.stringify(value))
  renameSync(beside, file)
}

export const forget = (...files: readonly string[]): void => {
  for (const file of files) rmSync(file, { force: true })
}

export function readPid(file: string): number {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10)
  } catch {
    return 0
  }
}
