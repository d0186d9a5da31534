import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** A process of this host that cannot be mistaken for a later one with the same number. */
export interface ProcessId {
  readonly pid: number
  /** When it started, in clock ticks since boot: field 22 of /proc/PID/stat, proc_pid_stat(5). */
  readonly startTime: string
}

/** The identity of a running process, or undefined if there is none (a zombie is none). */
export function identify(pid: number): ProcessId | undefined {
  if (process.platform !== 'linux') return identifyByPs(pid)
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the name in parentheses, and may contain anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined
    return { pid, startTime: fields[19] ?? '' }
  } catch {
    return undefined
  }
}

/** The same where there is no /proc: its start to the second, ps(1). */
export function identifyByPs(pid: number): ProcessId | undefined {
  const { stdout } = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  })
  const [, state, start] = /^\s*(\S+)\s+(.+?)\s*$/m.exec(stdout ?? '') ?? []
  if (!state || !start || state.startsWith('Z')) return undefined
  // No blanks: file names are made of it.
  return { pid, startTime: start.replaceAll(/\s+/g, '-') }
}

export function isAlive(process: ProcessId | undefined): process is ProcessId {
  return process !== undefined && identify(process.pid)?.startTime === process.startTime
}

/** Processes of one of these names that have a text in their command line. */
export function findProcesses(names: RegExp, text: string): ProcessId[] {
  const numbers = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return numbers.flatMap((number) => {
    try {
      // Cut to 15 characters by the kernel, as in `qemu-system-x86`.
      if (!names.test(readFileSync(`/proc/${number}/comm`, 'utf8').trim())) return []
      if (!readFileSync(`/proc/${number}/cmdline`, 'utf8').includes(text)) return []
      return identify(Number(number)) ?? []
    } catch {
      // It has ended meanwhile.
      return []
    }
  })
}

/** Kills a process and waits until it is gone. */
export async function killProcess(target: ProcessId): Promise<void> {
  if (!isAlive(target)) return
  try {
    process.kill(target.pid, 'SIGKILL')
  } catch (error) {
    if (isAlive(target)) throw error
  }
  const deadline = Date.now() + 10_000
  while (isAlive(target)) {
    if (Date.now() > deadline) throw new Error(`process ${target.pid} does not end after SIGKILL`)
    await delay(5)
  }
}
