import { closeSync, constants, openSync } from 'node:fs'
import { outcomeOf } from '../watch.ts'

/** A file that opens, and one that does not: no disk is behind /proc that could be read past the cache. */
export const openings = [
  { did: 'open("/proc/version")', act: () => open(constants.O_RDONLY) },
  { did: 'open("/proc/version", O_DIRECT)', act: () => open(constants.O_DIRECT) },
]

const open = (flags: number) => outcomeOf(() => closeSync(openSync('/proc/version', flags)))
