import { setTimeout as delay } from 'node:timers/promises'

/** How long the harness waits for something by default, in milliseconds: software emulation is slow. */
export const DEFAULT_DEADLINE = 30_000

/** Something that was waited for did not happen in time; `detail` shows what happened instead. */
export class DeadlineError extends Error {
  override name = 'DeadlineError'
  readonly waitedFor: string
  /** Milliseconds. */
  readonly deadline: number

  constructor(waitedFor: string, deadline: number, detail = '') {
    super(`waited ${deadline / 1000} s for ${waitedFor}${detail && `\n${detail}`}`)
    this.waitedFor = waitedFor
    this.deadline = deadline
  }
}

/** How {@link waitUntil} waits. */
export interface WaitOptions {
  /** Milliseconds; 30 s by default. */
  deadline?: number | undefined
  /** Milliseconds between two looks; 20 by default. */
  every?: number
  /** Says what there is instead, for the error. */
  got?: () => string
}

/**
 * Looks again and again until `probe` returns something other than `undefined` or `false`, and returns that. For what the kernel
 * gives no event for, such as the end of a deferred clean-up.
 * @throws DeadlineError
 */
export async function waitUntil<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  { deadline = DEFAULT_DEADLINE, every = 20, got }: WaitOptions = {},
): Promise<T> {
  const end = performance.now() + deadline
  for (;;) {
    const found = await probe()
    if (found !== undefined && found !== false) return found
    if (performance.now() >= end) throw new DeadlineError(what, deadline, got?.())
    await delay(every)
  }
}
