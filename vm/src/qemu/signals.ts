import { spawn } from 'node:child_process'
import type { Transport } from '../transport.ts'
import { signalRun } from './runs.ts'

/** Sends a signal to a command in the machine, by a way of its own. */
export function sendSignal(transport: Transport, id: string, signal: string): void {
  const [program, ...args] = transport.argv(signalRun(id, signal), false)
  spawn(program, args, { stdio: 'ignore', detached: true }).unref()
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
  const pass = (signal: string): void => sendSignal(transport, id, signal)
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
