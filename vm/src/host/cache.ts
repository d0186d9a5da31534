import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { withLock } from './lock.ts'

/** Where everything that can be made again is kept, shared by all workspaces of this user. */
export const cacheFolder = (): string =>
  join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'ebpf-labs')

/** A short key for what a cached thing was made from. */
export const keyOf = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part).update('\0')
  return hash.digest('hex').slice(0, 12)
}

/**
 * A folder of the cache, made if it is not there. It is made beside its place and renamed when
 * complete, under a lock, so that a half-made one is never seen and no two make it at once.
 * @param path below the cache folder, e.g. `kernels/amd64-6.12-0123456789ab`
 */
export async function cached(path: string, make: (folder: string) => Promise<void>) {
  const folder = join(cacheFolder(), path)
  if (existsSync(folder)) return folder
  const parent = dirname(folder)
  mkdirSync(parent, { recursive: true })
  using _lock = await withLock(join(parent, `.${basename(folder)}.lock`))
  if (existsSync(folder)) return folder
  // Whoever holds the lock is alone here: what an ended one left half-made can go.
  const making = join(parent, `.${basename(folder)}.making`)
  rmSync(making, { recursive: true, force: true })
  mkdirSync(making)
  await make(making)
  renameSync(making, folder)
  removeOlder(folder)
  return folder
}

/** Keeps the two newest of the folders that differ from this one only in their key. */
function removeOlder(folder: string): void {
  const parent = dirname(folder)
  const family = basename(folder).replace(/[0-9a-f]{12}$/, '')
  const siblings = readdirSync(parent)
    .filter((name) => name.startsWith(family) && name.length === basename(folder).length)
    .map((name) => join(parent, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)
  for (const old of siblings.slice(3)) rmSync(old, { recursive: true, force: true })
}
