import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { exitOf, readAll } from '../host/child.ts'
import { dieWithUs } from '../host/guard.ts'
import { limitTime } from '../host/time-limit.ts'
import type { ExecOptions, ExecResult } from '../provider.ts'
import { quote } from '../ssh/channel.ts'
import type { Transport } from '../transport.ts'
import { guestPath } from '../workspace.ts'
import { watchConsole } from './console.ts'
import type { MachinePaths } from './paths.ts'
import { registerRun } from './runs.ts'
import { forwardSignals, sendSignal } from './signals.ts'

/** Variables of the caller that concern how a command shows its output. */
const passed = ['TERM', 'COLORTERM', 'NO_COLOR', 'FORCE_COLOR', 'CI', 'TZ']

/**
 * Runs a command in a machine that is up. A failure of ssh itself shows as exit code 255.
 * @param onLoss called when the machine's kernel could not write to its disk
 */
export async function runInMachine(
  transport: Transport,
  paths: MachinePaths,
  argv: readonly string[],
  options: ExecOptions,
  onLoss?: () => void,
): Promise<ExecResult> {
  const id = randomUUID()
  const capture = options.output === 'capture'
  const terminal = process.stdin.isTTY && process.stdout.isTTY
  const tty = options.tty ?? (!capture && terminal)
  const words = [id, guestPath(options.cwd ?? process.cwd()), ...argv].map(quote).join(' ')
  const remote = `${environment(options.env, tty)}set -- ${words}; . /usr/lib/ebpf-labs/run`
  const [program, ...args] = dieWithUs(transport.argv(remote, tty))
  const output = capture ? 'pipe' : 'inherit'
  const ours = (options.stdin ?? 'inherit') === 'inherit'
  // A terminal that is not the command's is read by us: the child is in a session of its own then.
  const input = ours && (tty || !process.stdin.isTTY) ? 'inherit' : 'pipe'
  using _run = registerRun(paths.runs, id)
  const child = spawn(program, args, { stdio: [input, output, output], detached: !tty })
  feed(child, options)
  using _signals = forwardSignals(transport, id, tty, options.signal)
  const send = (signal: string): void => sendSignal(transport, id, signal.slice('SIG'.length))
  using limit = limitTime(options.timeLimit, send)
  using _console = watchConsole(paths.console, onLoss)
  try {
    const ended = Promise.all([readAll(child.stdout), readAll(child.stderr), exitOf(child)])
    const [stdout, stderr, { code }] = await ended
    return { exitCode: limit.passed && code !== 255 ? 124 : (code ?? 255), stdout, stderr }
  } finally {
    if (input === 'pipe' && ours) process.stdin.unpipe().pause().unref()
  }
}

/** Shell commands that set what the command's environment is to have beyond the machine's own. */
function environment(extra: ExecOptions['env'], tty: boolean): string {
  // Without a terminal there is nothing that cursor movements would be for.
  const names = passed.filter((name) => process.env[name] !== undefined && (tty || name !== 'TERM'))
  const own = names.map((name) => [name, process.env[name]] as const)
  const words = [...own, ...Object.entries(extra ?? {})].map(([name, value]) =>
    quote(`${name}=${value}`),
  )
  return words.length > 0 ? `export ${words.join(' ')}; ` : ''
}

function feed(child: ChildProcess, options: ExecOptions): void {
  if (!child.stdin) return
  // The command need not read all that it is given.
  child.stdin.on('error', () => {})
  if (options.stdin instanceof Uint8Array) child.stdin.end(options.stdin)
  else if (options.stdin === 'ignore') child.stdin.end()
  else process.stdin.pipe(child.stdin)
}
