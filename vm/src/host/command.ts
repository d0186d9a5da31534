import { HostError } from '../errors.ts'
import { exitOf, readAll } from './child.ts'
import { spawnGuarded } from './guard.ts'

/** How to run a host command, and what to say when it fails. */
export interface CommandOptions {
  cwd?: string
  env?: Record<string, string>
  /** What to do when it fails, for the person who reads the message. */
  hint?: string
}

/**
 * Runs a command of the host to its end and returns its stdout.
 * @throws HostError with the end of its stderr if it cannot be started or fails.
 */
export async function command(argv: readonly [string, ...string[]], options: CommandOptions = {}) {
  const [program, ...args] = argv
  const child = spawnGuarded(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C.UTF-8', ...options.env },
    ...(options.cwd && { cwd: options.cwd }),
  })
  const ended = Promise.all([readAll(child.stdout), readAll(child.stderr), exitOf(child)])
  const [stdout, stderr, { code, signal }] = await ended.catch((error: unknown) => {
    throw new HostError(`cannot start ${program}: ${String(error)}`)
  })
  if (code === 0) return stdout
  const end = essence(stderr).join('\n  ')
  throw new HostError(
    `${program} failed (${signal ?? `exit code ${code}`}):\n  ${end}` +
      (options.hint ? `\n${options.hint}` : ''),
  )
}

/** The lines that tell what was wrong: apt and mmdebstrap mark them; otherwise the last ones. */
function essence(stderr: string): string[] {
  const lines = stderr.trim().split('\n')
  const marked = lines.filter((line) => line.startsWith('E: '))
  return (marked.length > 0 ? marked : lines.slice(-8)).map((line) => line.slice(0, 240))
}
