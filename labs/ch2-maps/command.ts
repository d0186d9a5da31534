import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
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
 * @throws UsageError when there is no shell to start
 */
export async function holdCommand(words: readonly string[]): Promise<HeldCommand | undefined> {
  if (words.length === 0) return undefined
  // What the shell itself does to get ready is over when it says so.
  const script = 'echo ready >&3; read -r go <&3 && exec "$@" 3<&-'
  const child = spawn('/bin/sh', ['-c', script, 'sh', ...words], {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
  })
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the fourth 'pipe' above: a socket
  const gate = child.stdio[3] as Duplex
  await once(gate, 'data')
  const { pid } = child
  if (pid === undefined) throw new UsageError(`cannot start ${words.join(' ')}`)
  return {
    pid,
    go(ended) {
      child.once('exit', ended)
      gate.end('go\n')
    },
    [Symbol.dispose]: () => child.kill('SIGKILL'),
  }
}
