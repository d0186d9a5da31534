import { readFileSync } from 'node:fs'

let known: number | undefined

/**
 * How many CPUs this machine can ever have; a per-CPU value has one slot for each.
 *
 * @see /sys/devices/system/cpu/possible, for example `0-3` or `0-1,4`
 */
export function possibleCpus(): number {
  known ??= readFileSync('/sys/devices/system/cpu/possible', 'latin1')
    .trim()
    .split(',')
    .reduce((count, range) => {
      const [first, last] = range.split('-').map(Number)
      return count + (last ?? first ?? 0) - (first ?? 0) + 1
    }, 0)
  return known
}
