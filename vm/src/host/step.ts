import { styleText } from 'node:util'

const terminal = (): boolean => process.stderr.isTTY
const active = new Map<string, number>()
let ticker: NodeJS.Timeout | undefined

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`
const dim = (text: string): string => styleText('dim', text, { stream: process.stderr })

function draw(): void {
  const line = [...active].map(([what, since]) => `${what} ${seconds(since)}`).join(' · ')
  const width = (process.stderr.columns || 80) - 3
  process.stderr.write(`\r\x1b[K${dim(`… ${line.slice(0, width)}`)}`)
}

/** A line for people on stderr, which does not disturb the one that shows what goes on. */
export function say(line: string): void {
  process.stderr.write(`${ticker ? '\r\x1b[K' : ''}${line}\n`)
}

/**
 * Runs one step of something that takes a while and shows it: a live line on a terminal,
 * otherwise a line when it begins; in both cases a line with the time it took when it is done.
 */
export async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now()
  active.set(what, began)
  if (terminal()) {
    ticker ??= setInterval(draw, 200).unref()
    draw()
  } else say(`… ${what}`)
  try {
    const result = await work()
    active.delete(what)
    say(`${styleText('green', '✓', { stream: process.stderr })} ${what} ${dim(seconds(began))}`)
    return result
  } catch (error) {
    active.delete(what)
    say(`${styleText('red', '✗', { stream: process.stderr })} ${what} ${dim(seconds(began))}`)
    throw error
  } finally {
    if (active.size === 0) {
      clearInterval(ticker)
      ticker = undefined
    }
  }
}
