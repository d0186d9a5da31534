import { readdirSync } from 'node:fs'
import { OWNER_VARIABLE, isAlive, owner } from './owner.ts'
import { codeOf } from './error-code.ts'
import { readOrEmpty } from './proc.ts'

/** A process that some test started. */
export interface TestProcess {
  pid: number
  /** Its command line. */
  command: string
  /** The {@link owner} of the test that started it. */
  owner: string
}

/** The processes in the machine that tests started and that still run, known by the variable in their environment. */
export function testProcesses(): TestProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      const tag = ownerOf(pid)
      return tag === undefined ? [] : [{ pid: Number(pid), command: commandOf(pid), owner: tag }]
    })
}

/** The processes that this very test process started and that still run. */
export function ownProcesses(): TestProcess[] {
  return testProcesses().filter((found) => found.owner === owner)
}

/** Kills the processes whose test was killed before it could clean up. */
export function sweepProcesses(): void {
  for (const { pid } of testProcesses().filter((found) => !isAlive(found.owner))) kill(pid)
}

/** Kills a process that may be gone already. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error
  }
}

function ownerOf(pid: string): string | undefined {
  const environment = readOrEmpty(`/proc/${pid}/environ`).split('\0')
  const entry = environment.find((variable) => variable.startsWith(`${OWNER_VARIABLE}=`))
  return entry?.slice(OWNER_VARIABLE.length + 1)
}

/** Empty for a zombie, and for a process that ended meanwhile. */
function commandOf(pid: string): string {
  return readOrEmpty(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()
}
