import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { identify, isAlive } from '../host/process.ts'

/** Notes that this process runs a command in the machine, until disposed. */
export function registerRun(folder: string, id: string): Disposable {
  mkdirSync(folder, { recursive: true })
  // The name says it all, so that nobody can see a half-written file.
  const file = join(folder, `${process.pid} ${identify(process.pid)?.startTime} ${id}`)
  writeFileSync(file, '')
  return { [Symbol.dispose]: () => rmSync(file, { force: true }) }
}

/** How many commands of other processes run in the machine. */
export function countRuns(folder: string): number {
  const owners = names(folder).map((name) => name.split(' '))
  return owners.filter(([pid, startTime = '']) => isAlive({ pid: Number(pid), startTime })).length
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** Takes the ids of commands whose process on the host was killed, each only once. */
export function takeOrphanedRuns(folder: string): string[] {
  return names(folder).flatMap((name) => {
    const [pid = '', startTime = '', id = ''] = name.split(' ')
    if (isAlive({ pid: Number(pid), startTime })) return []
    rmSync(join(folder, name), { force: true })
    return id
  })
}

/**
 * A shell command for the machine that sends a signal to a command and all that it started. SIGKILL spares the shell that reports the
 * exit code, and reaches what has left the process group, or the cgroup.
 */
export function signalRun(id: string, signal: string): string {
  const file = `/run/exec/${id}`
  // It may be about to start: that takes a moment in an emulated machine.
  const wait = `for _ in 1 2 3 4 5 6 7 8 9; do [ -e ${file} ] && break; sleep 0.1; done`
  const read = `${wait}; read -r group cgroup <${file}`
  if (signal !== 'KILL') return `${read} && kill -${signal} "-$group"`
  const all = '$(pgrep -g "$group"; [ -z "$cgroup" ] || cat "$cgroup/cgroup.procs")'
  const kill = '[ "$process" = "$group" ] || kill -KILL "$process" 2>/dev/null'
  return `${read} && for process in ${all}; do ${kill}; done`
}
