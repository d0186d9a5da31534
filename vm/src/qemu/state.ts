import { rmSync } from 'node:fs'
import { readJson } from '../host/json-file.ts'
import { findProcesses, isAlive, killProcess, type ProcessId } from '../host/process.ts'
import type { MachinePaths } from './paths.ts'

/** What is known of a machine that was started. It is written once the machine is ready. */
export interface MachineState {
  readonly qemu: ProcessId
  /** Tells one start of the machine from another. */
  readonly boot: string
  /** What it was made from: if that changes, a fresh one is due. */
  readonly key: string
  readonly port: number
  /** The connection's control socket: another one than ours if the workspace was moved. */
  readonly control: string
  readonly kernel: string
  readonly acceleration: string
  readonly since: string
  /** How long the host had slept when the machine's clock was set last, in seconds. */
  readonly asleep: number
}

function isState(value: unknown): value is MachineState {
  return typeof value === 'object' && value !== null && 'qemu' in value && 'control' in value
}

/** The state of the machine, if it runs and was ready. */
export function runningState(paths: MachinePaths): MachineState | undefined {
  const state = readJson(paths.state)
  if (!isState(state) || !isAlive(state.qemu) || state.control !== paths.control) return undefined
  return state
}

/**
 * Ends everything that belongs to a machine: QEMU, also one whose start was interrupted, and ssh.
 * They are known by the socket folder in their command lines, so that this works even if the
 * state was lost.
 * @returns whether there was a machine.
 */
export async function stopMachine(paths: MachinePaths): Promise<boolean> {
  const state = readJson(paths.state)
  const known = isState(state) && isAlive(state.qemu) ? [state.qemu] : []
  const qemu = findProcesses(/^qemu-system/, `${paths.sockets}/`)
  const ssh = findProcesses(/^ssh$/, `${paths.sockets}/`)
  for (const process of [...known, ...qemu, ...ssh]) await killProcess(process)
  for (const file of [paths.state, paths.sync, paths.runs, paths.sockets]) {
    rmSync(file, { recursive: true, force: true })
  }
  return known.length + qemu.length > 0
}
