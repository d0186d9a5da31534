import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'

const MULTIARCH = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu'

/**
 * Where a command or library is that is named without a folder, looked for where libbpf looks (libbpf.c, resolve_full_path):
 * `libc.so.6` is `/lib/x86_64-linux-gnu/libc.so.6`. libbpf itself leaves it out for a list of uprobes.
 * @returns `name` itself if it has a folder or is found nowhere
 */
export function findFile(name: string): string {
  if (name.includes('/')) return name
  const library = name.endsWith('.so') || name.includes('.so.')
  const folders = library
    ? [...folderList('LD_LIBRARY_PATH'), '/usr/lib64', '/usr/lib', `/lib/${MULTIARCH}`]
    : [...folderList('PATH'), '/usr/bin', '/usr/sbin']
  const mode = library ? constants.R_OK : constants.R_OK | constants.X_OK
  return folders.map((folder) => join(folder, name)).find((path) => can(path, mode)) ?? name
}

const folderList = (variable: string): string[] =>
  (process.env[variable] ?? '').split(':').filter((folder) => folder !== '')

function can(path: string, mode: number): boolean {
  try {
    accessSync(path, mode)
    return true
  } catch {
    return false
  }
}
