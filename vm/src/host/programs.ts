import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

// Debian keeps administrators' programs where a normal user's PATH does not lead.
const administration = ['/usr/sbin', '/sbin']

/** The full path of a program of this host. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...administration]
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}
