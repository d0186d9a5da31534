import { spawn } from 'node:child_process'
import { constants, release } from 'node:os'
import { delimiter, join } from 'node:path'
import { selectArchitecture } from '../arch/select.ts'
import { UsageError } from '../errors.ts'
import { exitOf, readAll } from '../host/child.ts'
import { limitTime } from '../host/time-limit.ts'
import type { ExecOptions, ExecResult, Provider, Status } from '../provider.ts'
import { guestPath, workspace } from '../workspace.ts'
import { requireNative } from './native-needs.ts'

/** This very computer, or the machine that we are in: commands run as they are. */
export function nativeProvider(): Provider {
  return {
    name: 'native',
    async ensure(): Promise<void> {
      requireNative(process.cwd())
    },
    async exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
      const cwd = options.cwd ?? process.cwd()
      guestPath(cwd) // outside the workspace it is refused, as by every machine
      requireNative(cwd)
      return run(argv, cwd, options)
    },
    async status(): Promise<Status> {
      const kernel = release()
      const series = /^\d+\.\d+/.exec(kernel)?.[0] ?? kernel
      const arch = selectArchitecture('').name
      return { provider: 'native', running: true, arch, series, kernel }
    },
    // There is nothing to end.
    down: async () => false,
    logs: () => 'LAB_VM=native: the kernel’s messages are in dmesg.\n',
  }
}

async function run(
  argv: readonly string[],
  cwd: string,
  options: ExecOptions,
): Promise<ExecResult> {
  const [program = '', ...args] = argv
  const output = options.output === 'capture' ? 'pipe' : 'inherit'
  const stdin = options.stdin ?? 'inherit'
  const path = `${join(workspace, 'node_modules', '.bin')}${delimiter}${process.env['PATH']}`
  const child = spawn(program, args, {
    cwd,
    stdio: [stdin instanceof Uint8Array ? 'pipe' : stdin, output, output],
    env: { ...process.env, PATH: path, ...options.env },
  })
  // The command need not read all that it is given.
  child.stdin?.on('error', () => {})
  if (stdin instanceof Uint8Array) child.stdin?.end(stdin)
  using _signals = passSignals(child, options.signal)
  using limit = limitTime(options.timeLimit, (signal) => child.kill(signal))
  const ended = Promise.all([readAll(child.stdout), readAll(child.stderr), exitOf(child)])
  const [stdout, stderr, { code, signal }] = await ended.catch((error: unknown) => {
    throw new UsageError(`cannot run ${program}: ${String(error)}`)
  })
  const own = code ?? 128 + (signal ? constants.signals[signal] : 0)
  return { exitCode: limit.passed ? 124 : own, stdout, stderr }
}

/** Ctrl-C reaches the command by itself, which shares our terminal; we only have to outlive it. */
function passSignals(
  child: { kill(signal: NodeJS.Signals): boolean },
  abort?: AbortSignal,
): Disposable {
  const outlive = (): void => {}
  const terminate = (signal: NodeJS.Signals): void => void child.kill(signal)
  const onAbort = (): void => void child.kill('SIGINT')
  process.on('SIGINT', outlive).on('SIGTERM', terminate).on('SIGHUP', terminate)
  abort?.addEventListener('abort', onAbort)
  if (abort?.aborted) onAbort()
  return {
    [Symbol.dispose](): void {
      process.off('SIGINT', outlive).off('SIGTERM', terminate).off('SIGHUP', terminate)
      abort?.removeEventListener('abort', onAbort)
    },
  }
}
