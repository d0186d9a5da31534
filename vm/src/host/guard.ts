import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { existsSync } from 'node:fs'

// The shell leads a process group of its own. When our process dies, however it dies, the kernel
// sends the shell SIGTERM (prctl(2), PR_SET_PDEATHSIG), and it takes the whole group along.
const guard = `trap 'kill -KILL 0' TERM INT; "$@" & wait $!`
const canGuard = existsSync('/usr/bin/setpriv')

/** A command that the kernel kills when our process dies; it stays our direct child. */
export const dieWithUs = (argv: readonly [string, ...string[]]): readonly [string, ...string[]] =>
  canGuard ? ['setpriv', '--pdeathsig', 'KILL', '--', ...argv] : argv

/**
 * Like spawn(), but the command and all its descendants end when this process ends, even by
 * `kill -9`. For steps that nobody types into: stdin is empty.
 */
export function spawnGuarded(
  command: string,
  args: readonly string[] = [],
  options: SpawnOptions = {},
): ChildProcess {
  if (!canGuard) return spawn(command, args, options)
  return spawn(
    'setpriv',
    ['--pdeathsig', 'TERM', '--', 'sh', '-c', guard, 'guard', command, ...args],
    { ...options, detached: true },
  )
}
