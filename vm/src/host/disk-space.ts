import { mkdirSync, statfsSync } from 'node:fs'
import { HostError } from '../errors.ts'

/**
 * Makes sure that a folder's disk has room before something large is made there.
 * @param gigabytes how many, of 10^9 bytes each
 * @param otherwise how to have it made on another disk
 * @throws HostError if it has not.
 */
export function requireSpace(
  folder: string,
  gigabytes: number,
  otherwise = 'set XDG_CACHE_HOME to a folder on another disk',
): void {
  mkdirSync(folder, { recursive: true })
  const { bavail, bsize } = statfsSync(folder)
  const free = (bavail * bsize) / 1e9
  if (free >= gigabytes) return
  throw new HostError(
    `what is to be made in ${folder} takes ${gigabytes} GB, and its disk has ` +
      `${Math.floor(free * 100) / 100} GB left. Free some, or ${otherwise}.`,
  )
}

/** The words for an error of the system which says that a disk has no room, or undefined for any other. */
export function fullDisk(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  if (error.code !== 'ENOSPC' && error.code !== 'EDQUOT') return undefined
  const path = 'path' in error ? ` at ${String(error.path)}` : ''
  return `this computer has no room left${path}. Free some, then run this again.`
}
