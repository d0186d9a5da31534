import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { HostError } from '../errors.ts'
import { exitOf } from '../host/child.ts'
import { spawnGuarded } from '../host/guard.ts'

interface LoggedOptions {
  /** A file that gets all that the command says. */
  readonly log: string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** What to do when it fails, for the person who reads the message. */
  readonly hint: string
}

/**
 * Runs a command of the host that takes minutes.
 * @throws HostError with the last lines that it said, if it cannot be started or fails.
 */
export async function runLogged(argv: readonly [string, ...string[]], options: LoggedOptions) {
  const { log, cwd, env, hint } = options
  const [program, ...args] = argv
  mkdirSync(dirname(log), { recursive: true })
  appendFileSync(log, `$ ${argv.join(' ')}\n`)
  const child = spawnGuarded(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    ...(cwd && { cwd }),
  })
  const note = (chunk: unknown): void => appendFileSync(log, String(chunk))
  child.stdout?.on('data', note)
  child.stderr?.on('data', note)
  const { code, signal } = await exitOf(child).catch((error: unknown) => {
    throw new HostError(`cannot start ${program}: ${String(error)}`)
  })
  if (code === 0) return
  const end = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-8).join('\n  ')
  const short = `${program} ${args[0] ?? ''}`.trim()
  throw new HostError(`${short} failed (${signal ?? `exit code ${code}`}):\n  ${end}\n${hint}`)
}
