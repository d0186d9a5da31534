import { MachineError, UsageError } from './errors.ts'
import { fullDisk } from './host/disk-space.ts'
import { say } from './host/step.ts'

/**
 * Tells what went wrong and what to do next, and returns the exit code.
 * @throws anything that is a mistake of ours, and so deserves its stack trace.
 */
export function report(error: unknown): number {
  if (error instanceof MachineError) {
    say(`vm: the machine failed: ${error.message}`)
    for (const line of error.console) say(`  | ${line}`)
    if (error.console.length > 0) say('All of its console: npm run vm -- logs')
    say(error.advice)
    return error.exitCode
  }
  const full = fullDisk(error)
  if (full) {
    say(`vm: ${full}`)
    return 1
  }
  if (error instanceof UsageError) {
    say(`vm: ${error.message}`)
    return error.exitCode
  }
  throw error
}
