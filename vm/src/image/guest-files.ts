import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the root disk gets from this repository: the package list, and `files/` laid over it. */
export const guestFolder = join(import.meta.dirname, '..', '..', 'guest')

/** A hash over the names, modes and contents of all files below a folder. */
export function hashFolder(folder: string): string {
  const hash = createHash('sha256')
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(folder, name)
    const stat = lstatSync(path)
    hash.update(`${name}\0${stat.mode & 0o111}\0`)
    if (stat.isFile()) hash.update(readFileSync(path))
  }
  return hash.digest('hex')
}
