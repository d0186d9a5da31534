import { spawn } from 'node:child_process'
import { MachineError } from './errors.ts'
import { exitOf, readAll } from './host/child.ts'

/** A way for a shell's script into a machine: by ssh, or by what a container's engine offers. */
export interface Transport {
  /** The host's command that has a POSIX shell run a script in the machine, as root. */
  argv(script: string, tty: boolean): readonly [string, ...string[]]
}

/**
 * Runs a script of our own in the machine and returns its stdout.
 * @param purpose as in "cannot …"
 * @throws MachineError if it fails.
 */
export async function runScript(transport: Transport, script: string, purpose: string) {
  const [program, ...args] = transport.argv(script, false)
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const [output, complaint, { code }] = await Promise.all([
    readAll(child.stdout),
    readAll(child.stderr),
    exitOf(child),
  ])
  if (code === 0) return output
  throw new MachineError(`cannot ${purpose}: ${complaint.trim() || `exit code ${code}`}`)
}
