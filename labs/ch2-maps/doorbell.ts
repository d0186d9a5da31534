import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'

/** Id of the thread that runs this, for `ringer` in doorbell.bpf.h; of a process's first thread it is the pid. */
export function threadId(): number {
  return Number(basename(readlinkSync('/proc/thread-self')))
}

/**
 * Rings the doorbell of doorbell.bpf.h: kill(2) with signal 0, which is never sent.
 * @param number from 1 to 2^31 - 1; that no process has this pid does not matter
 */
export function ring(number: number): void {
  try {
    process.kill(number, 0)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/** The CPUs that this thread may run on, such as [0, 1]. */
export function allowedCpus(): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/thread-self/status', 'utf8'))
  return (list?.[1] ?? '0').split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, n) => first + n)
  })
}

/** Moves this thread to one CPU, or lets it run on several again. */
export function moveTo(...cpus: number[]): void {
  execFileSync('taskset', ['--cpu-list', '--pid', cpus.join(), String(threadId())], {
    stdio: 'ignore',
  })
}
