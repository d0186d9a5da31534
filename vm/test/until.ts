import { setTimeout as delay } from 'node:timers/promises'

/** Waits for something to hold, with a deadline. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within 60 s: ${what}`)
    await delay(50)
  }
}
