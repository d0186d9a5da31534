import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { HostError } from '../errors.ts'
import { spawnGuarded } from './guard.ts'

/** A host command whose failure means that the step it is part of cannot go on. */
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
export async function command(argv: readonly string[], options: CommandOptions = {}) {
  const [program = '', ...args] = argv
  const child = spawnGuarded(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C.UTF-8', ...options.env },
    ...(options.cwd && { cwd: options.cwd }),
  })
  const exit = once(child, 'exit') as Promise<[number | null, string | null]>
  const [stdout, stderr, [code, signal]] = await Promise.all([
    text(child.stdout as NodeJS.ReadableStream),
    text(child.stderr as NodeJS.ReadableStream),
    exit,
  ]).catch((error: unknown) => {
    throw new HostError(`cannot start ${program}: ${String(error)}`)
  })
  if (code === 0) return stdout
  const end = stderr.trim().split('\n').slice(-8).join('\n  ')
  throw new HostError(
    `${program} failed (${signal ?? `exit code ${code}`}):\n  ${end}` +
      (options.hint ? `\n${options.hint}` : ''),
  )
}
