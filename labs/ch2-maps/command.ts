import { spawn } from 'node:child_process'
import type { Writable } from 'node:stream'
import { UsageError } from '@ebpf-labs/harness/loader'

/** A program that waits to be let go, so that its pid is known before its first system call. */
export interface HeldCommand extends Disposable {
  pid: number
  /** Lets it go, and calls back when it has ended. */
  go(ended: () => void): void
}

/**
 * Starts a shell that waits for a line, and then becomes the command: execve keeps the pid.
 * @param words the command; none, no command
 */
export function holdCommand(words: readonly string[]): HeldCommand | undefined {
  if (words.length === 0) return undefined
  const script = 'read -r go <&3 && exec "$@" 3<&-'
  const child = spawn('/bin/sh', ['-c', script, 'sh', ...words], {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
  })
  if (child.pid === undefined) throw new UsageError(`cannot start ${words.join(' ')}`)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the fourth 'pipe' above
  const gate = child.stdio[3] as Writable
  return {
    pid: child.pid,
    go(ended) {
      child.once('exit', ended)
      gate.end('go\n')
    },
    [Symbol.dispose]: () => child.kill('SIGKILL'),
  }
}
