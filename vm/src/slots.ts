import { mkdirSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { say } from './host/step.ts'
import { tryLockFile } from './host/lock.ts'
import { stateFolder } from './workspace.ts'

/** What one machine and the programs in it may take of the host's memory, in bytes. */
const MEMORY = 3 * 1024 ** 3

/** How many machines of one kind may run side by side: no more than two, and no more than this computer has room for. */
export const slotCount = (): number =>
  Math.max(1, Math.min(2, availableParallelism(), Math.floor(totalmem() / MEMORY)))

/** The numbers of all such machines. The first is the one that `exec` and `shell` use. */
export const slots = (): number[] => Array.from({ length: slotCount() }, (_, index) => index + 1)

/** A machine that nobody else runs tests in, until disposed. */
export interface Slot extends Disposable {
  /** 1 for the usual machine. */
  readonly number: number
}

/**
 * Takes the first machine in which no tests run, and waits if they run in all of them.
 * @param numbers which there are
 */
export async function takeSlot(numbers = slots()): Promise<Slot> {
  mkdirSync(stateFolder(''), { recursive: true })
  for (let tries = 0; ; tries++) {
    for (const number of numbers) {
      const lock = await tryLockFile(stateFolder(`tests-${number}.lock`))
      if (lock) return Object.assign(lock, { number })
    }
    if (tries === 0) say('… waiting for other tests to end')
    await delay(500)
  }
}
