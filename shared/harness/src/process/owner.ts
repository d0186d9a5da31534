import { readFileSync } from 'node:fs'

/**
 * Names this very process, across reuse of its pid: `<pid>-<start time in clock ticks>`. Whatever the harness creates in the machine
 * (namespaces, pins, tracing instances, processes) carries it, so that a later run can tell what a killed one left behind.
 */
export const owner = `${process.pid}-${startTime(process.pid) ?? 0}`

/** The environment variable in which the processes that a test starts carry their {@link owner}. */
export const OWNER_VARIABLE = 'EBPF_LABS_OWNER'

const PREFIX = 'labs-'
let made = 0

/** A name that no other test uses: `labs-<owner>-<n>-<word>`. */
export function uniqueName(word: string): string {
  return `${PREFIX}${owner}-${++made}-${word}`
}

/** Whether a name was made by {@link uniqueName} in a process that is gone. */
export function isStale(name: string): boolean {
  const tag = /^labs-(\d+-\d+)-/.exec(name)?.[1]
  return tag !== undefined && !isAlive(tag)
}

/** Whether the process that an owner tag names still runs. */
export function isAlive(tag: string): boolean {
  const [pid, start] = tag.split('-')
  return startTime(Number(pid)) === Number(start)
}

/** When a process was started, in clock ticks after boot (proc_pid_stat(5), field 22), or undefined when there is none. */
export function startTime(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The comm, in parentheses, may itself hold spaces and parentheses.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
  } catch {
    return undefined
  }
}
