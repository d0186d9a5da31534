import { mkdirSync, statfsSync } from 'node:fs'
import { HostError } from '../errors.ts'

/**
 * Makes sure that a folder's disk has room before something large is made there.
 * @param gigabytes how many, of 10^9 bytes each
 * @throws HostError if it has not.
 */
export function requireSpace(folder: string, gigabytes: number): void {
  mkdirSync(folder, { recursive: true })
  const { bavail, bsize } = statfsSync(folder)
  const free = (bavail * bsize) / 1e9
  if (free >= gigabytes) return
  throw new HostError(
    `what is to be made in ${folder} takes ${gigabytes} GB, and its disk has ` +
      `${free.toFixed(1)} GB left. Free some, or set XDG_CACHE_HOME to a folder ` +
      'on another disk.',
  )
}
