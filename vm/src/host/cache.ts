import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { requireSpace } from './disk-space.ts'
import { lockFile } from './lock.ts'
import { say } from './step.ts'

/** Where everything that can be made again is kept, shared by all workspaces of this user. */
export const cacheFolder = (): string =>
  join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'ebpf-labs')

/** A short key for what a cached thing is made from. */
export const keyOf = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part).update('\0')
  return hash.digest('hex').slice(0, 12)
}

/**
 * A folder of the cache, made if it is not there. It is made beside its place and renamed when
 * complete, under a lock, so that a half-made one is never seen and no two make it at once.
 * @param path below the cache folder, ending in a key, e.g. `kernels/amd64-6.12-0123456789ab`
 * @param gigabytes how much room it takes to make it
 * @throws HostError if there is not enough.
 */
export async function cached(
  path: string,
  gigabytes: number,
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(cacheFolder(), path)
  if (existsSync(folder)) return folder
  const parent = dirname(folder)
  requireSpace(parent, gigabytes)
  using _lock = await lockFile(beside(folder, 'lock'), () =>
    say(`… waiting for another command, which makes ${path}`),
  )
  if (existsSync(folder)) return folder
  // Whoever holds the lock is alone here: what a killed one left half-made can go.
  const making = beside(folder, 'making')
  rmSync(making, { recursive: true, force: true })
  mkdirSync(making)
  try {
    await make(making)
  } catch (error) {
    rmSync(making, { recursive: true, force: true })
    throw error
  }
  renameSync(making, folder)
  removeLeftovers(parent)
  removeOlder(folder)
  return folder
}

/** Notes that a cached folder is in use, so that it outlives those that are not. */
export const touch = (folder: string): void => utimesSync(folder, new Date(), new Date())

const beside = (folder: string, ending: string): string =>
  join(dirname(folder), `.${basename(folder)}.${ending}`)

/** Keeps the two last used of the folders that differ from this one only in their key. */
function removeOlder(folder: string): void {
  const parent = dirname(folder)
  const family = basename(folder).replace(/[0-9a-f]{12}$/, '')
  const siblings = readdirSync(parent)
    .filter((name) => name.startsWith(family) && name.length === basename(folder).length)
    .map((name) => join(parent, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)
  for (const old of siblings.slice(2)) rmSync(old, { recursive: true, force: true })
}

/** Removes what killed commands left half-made under other keys: nobody holds its lock. */
function removeLeftovers(parent: string): void {
  for (const name of readdirSync(parent).filter((entry) => entry.endsWith('.making'))) {
    const making = join(parent, name)
    const lock = making.replace(/making$/, 'lock')
    spawnSync('flock', ['--nonblock', lock, 'rm', '-rf', making], { stdio: 'ignore' })
  }
}
