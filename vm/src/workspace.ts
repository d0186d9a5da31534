import { createHash } from 'node:crypto'
import { mkdirSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { HostError, UsageError } from './errors.ts'

/** The root of the workspace that this package belongs to. */
export const workspace = resolve(import.meta.dirname, '..', '..')

/** Where the workspace is inside the machine. */
export const guestWorkspace = '/workspace'

/**
 * The folder inside the machine that corresponds to one of the host.
 * @throws UsageError if it lies outside the workspace.
 */
export function guestPath(folder: string): string {
  const path = relative(workspace, resolve(folder))
  if (path.startsWith('..')) {
    throw new UsageError(
      `${folder} is not in the workspace, so the machine does not have it. Change to ${workspace}.`,
    )
  }
  return join(guestWorkspace, path)
}

/** Where a machine keeps its state (logs, sync index), below the workspace. */
export const stateFolder = (machine: string): string => join(workspace, '.vm', machine)

/**
 * A short folder for a machine's sockets: a Unix socket's path has 108 bytes at most, and a
 * workspace may lie deep.
 */
export function socketFolder(machine: string): string {
  const key = createHash('sha256').update(`${workspace}\0${machine}`).digest('hex').slice(0, 12)
  const user = process.getuid?.() ?? 0
  const base = process.env['XDG_RUNTIME_DIR'] ?? ''
  // sun_path: 108 bytes. ssh adds 17 to its socket's name while it makes it.
  return join(base && base.length < 40 ? base : '/tmp', `ebpf-labs-${user}-${key}`)
}

/**
 * Makes a folder that nobody else can write to.
 * @throws HostError if there is one that somebody else owns or can write to.
 */
export function makePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const { uid, mode } = statSync(folder)
  if (uid !== process.getuid?.() || mode & 0o022) {
    throw new HostError(`${folder} is open to other users. Remove it, then run this again.`)
  }
}
