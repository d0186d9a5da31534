import { spawn } from 'node:child_process'
import { say } from '../host/step.ts'
import type { Transport } from '../transport.ts'
import { signalRun } from './runs.ts'

/** How long an interrupted command may take to clean up, in milliseconds. */
const patience = 3000

/** What setTimeout() can wait, in milliseconds: it takes more for 1 ms. */
const longestTimer = 2 ** 31 - 1

/** Sends a signal to a command in the machine, by a way of its own. */
function send(transport: Transport, id: string, signal: string): void {
  const [program, ...args] = transport.argv(signalRun(id, signal), false)
  spawn(program, args, { stdio: 'ignore', detached: true }).unref()
}

/** Ends a command that takes longer than it may, until disposed. */
export function limitTime(
  transport: Transport,
  id: string,
  seconds: number | undefined,
): Disposable & { readonly passed: boolean } {
  let passed = false
  const timers: NodeJS.Timeout[] = []
  const after = (time: number, act: () => void): void => void timers.push(setTimeout(act, time))
  if (seconds !== undefined) {
    after(Math.min(seconds * 1000, longestTimer), () => {
      passed = true
      say(`vm: the command did not end within ${seconds} s: it is interrupted`)
      send(transport, id, 'INT')
      after(patience, () => {
        say('vm: it did not end then, either: it is killed')
        send(transport, id, 'KILL')
      })
    })
  }
  return {
    get passed() {
      return passed
    },
    [Symbol.dispose]: () => timers.forEach(clearTimeout),
  }
}

/**
 * Passes the signals that this process gets on to a command in the machine, until disposed. With a
 * terminal, Ctrl-C reaches the command as a character instead.
 */
export function forwardSignals(
  transport: Transport,
  id: string,
  tty: boolean,
  abort: AbortSignal | undefined,
): Disposable {
  let interrupts = 0
  const pass = (signal: string): void => send(transport, id, signal)
  const interrupt = (): void => {
    interrupts++
    // Whoever insists gets more and more: a clean end, a kill, and an end without the machine.
    if (interrupts > 3) process.exit(130)
    if (!tty) pass(interrupts === 1 ? 'INT' : 'KILL')
  }
  const terminate = (): void => pass('TERM')
  const hangUp = (): void => pass('HUP')
  const onAbort = (): void => pass('INT')
  process.on('SIGINT', interrupt).on('SIGTERM', terminate).on('SIGHUP', hangUp)
  abort?.addEventListener('abort', onAbort)
  if (abort?.aborted) onAbort()
  return {
    [Symbol.dispose](): void {
      process.off('SIGINT', interrupt).off('SIGTERM', terminate).off('SIGHUP', hangUp)
      abort?.removeEventListener('abort', onAbort)
    },
  }
}
