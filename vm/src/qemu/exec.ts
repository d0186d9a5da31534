import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import type { ExecOptions, ExecResult } from '../provider.ts'
import { quote, sshArguments, type Channel } from '../ssh/channel.ts'
import { guestPath } from '../workspace.ts'

/** Variables of the caller that concern how a command shows its output. */
const passed = ['TERM', 'COLORTERM', 'NO_COLOR', 'FORCE_COLOR', 'CI', 'TZ']
// So that ssh ends with us even after kill -9; see setpriv(1).
const dieWithUs = existsSync('/usr/bin/setpriv') ? ['setpriv', '--pdeathsig', 'KILL', '--'] : []

/** Runs a command in a machine that is up. ssh's own failure shows as exit code 255. */
export async function runInMachine(
  channel: Channel,
  argv: readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  const id = randomUUID()
  const capture = options.output === 'capture'
  const tty = options.tty ?? (!capture && Boolean(process.stdin.isTTY && process.stdout.isTTY))
  const words = [id, guestPath(options.cwd ?? process.cwd()), ...argv].map(quote).join(' ')
  const remote = `${environment(options.env, tty)}set -- ${words}; . /usr/lib/ebpf-labs/run`
  const args = sshArguments(channel, [tty ? '-tt' : '-T'])
  const [program = 'ssh', ...rest] = [...dieWithUs, 'ssh', ...args, remote]
  const output = capture ? 'pipe' : 'inherit'
  const inherit = (options.stdin ?? 'inherit') === 'inherit'
  // A terminal that is not the command's is read by us: ssh is in a session of its own then.
  const input = !inherit ? 'pipe' : tty || !process.stdin.isTTY ? 'inherit' : 'pipe'
  const ssh = spawn(program, rest, { stdio: [input, output, output], detached: !tty })
  feed(ssh, options)
  const interrupts = forwardSignals(channel, id, tty, options.signal)
  try {
    const [stdout, stderr, [code, signal]] = await Promise.all([
      ssh.stdout ? text(ssh.stdout) : '',
      ssh.stderr ? text(ssh.stderr) : '',
      once(ssh, 'exit') as Promise<[number | null, NodeJS.Signals | null]>,
    ])
    return { exitCode: signal ? 255 : (code ?? 255), stdout, stderr }
  } finally {
    interrupts[Symbol.dispose]()
    if (input === 'pipe' && inherit) process.stdin.unpipe().pause().unref()
  }
}

/** Shell commands that set what the command's environment is to have beyond the machine's own. */
function environment(extra: ExecOptions['env'], tty: boolean): string {
  // Without a terminal there is nothing that cursor movements would be for.
  const names = passed.filter((name) => process.env[name] !== undefined && (tty || name !== 'TERM'))
  const own = names.map((name) => [name, process.env[name] ?? ''] as const)
  const words = [...own, ...Object.entries(extra ?? {})].map(([name, value]) =>
    quote(`${name}=${value}`),
  )
  return words.length > 0 ? `export ${words.join(' ')}; ` : ''
}

function feed(ssh: ChildProcess, options: ExecOptions): void {
  if (!ssh.stdin) return
  // The command need not read all that it is given.
  ssh.stdin.on('error', () => {})
  if (options.stdin instanceof Uint8Array) ssh.stdin.end(options.stdin)
  else if (options.stdin === 'ignore') ssh.stdin.end()
  else process.stdin.pipe(ssh.stdin)
}

/** Sends the signals that we get to the command's process group in the machine. */
function forwardSignals(channel: Channel, id: string, tty: boolean, abort?: AbortSignal) {
  let interrupted = 0
  const send = (name: string): void => {
    const kill = `kill -${name} -- -$(cat /run/exec/${id})`
    spawn('ssh', [...sshArguments(channel, ['-T']), kill], { stdio: 'ignore' })
  }
  // With a terminal, Ctrl-C reaches the command as a character.
  const onInterrupt = (): void => {
    if (!tty) send(interrupted++ < 2 ? 'INT' : 'KILL')
  }
  const onTerminate = (): void => send('TERM')
  const onHangup = (): void => send('HUP')
  const onAbort = (): void => send('INT')
  process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate).on('SIGHUP', onHangup)
  abort?.addEventListener('abort', onAbort)
  if (abort?.aborted) onAbort()
  return {
    [Symbol.dispose](): void {
      process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate).off('SIGHUP', onHangup)
      abort?.removeEventListener('abort', onAbort)
    },
  }
}
