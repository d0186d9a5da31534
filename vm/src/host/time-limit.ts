import { say } from './step.ts'

/** How long an interrupted command may take to clean up, in milliseconds. */
const patience = 3000

/** What setTimeout() can wait, in milliseconds: it takes more for 1 ms. */
const longestTimer = 2 ** 31 - 1

/**
 * Ends a command that takes longer than it may, until disposed.
 * @param seconds how long it may take; undefined, as long as it likes
 * @param send sends it a signal
 */
export function limitTime(
  seconds: number | undefined,
  send: (signal: 'SIGINT' | 'SIGKILL') => void,
): Disposable & { readonly passed: boolean } {
  let passed = false
  const timers: NodeJS.Timeout[] = []
  const after = (time: number, act: () => void): void => void timers.push(setTimeout(act, time))
  if (seconds !== undefined) {
    after(Math.min(seconds * 1000, longestTimer), () => {
      passed = true
      say(`vm: the command did not end within ${seconds} s: it is interrupted`)
      send('SIGINT')
      after(patience, () => {
        say('vm: it did not end then, either: it is killed')
        send('SIGKILL')
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
