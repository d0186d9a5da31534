import { UsageError } from '../errors.ts'

/**
 * Which of the flags that a command knows were given.
 * @throws UsageError if there is anything else.
 */
export function readFlags(args: readonly string[], known: readonly string[]): Set<string> {
  for (const arg of args) {
    if (known.includes(arg)) continue
    const choice = known.length > 0 ? `It takes: ${known.join(', ')}.` : 'It takes none.'
    throw new UsageError(`unknown argument ${arg}. ${choice}`)
  }
  return new Set(args)
}
