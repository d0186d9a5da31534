import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { UsageError } from './errors.ts'

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
export function stateFolder(machine: string): string {
  const folder = join(workspace, '.vm', machine)
  mkdirSync(folder, { recursive: true })
  return folder
}

/**
 * A short folder for a machine's sockets: a Unix socket's path has 108 bytes at most, and a
 * workspace may lie deep.
 */
export function socketFolder(machine: string): string {
  const key = createHash('sha256').update(`${workspace}\0${machine}`).digest('hex').slice(0, 12)
  const base = process.env['XDG_RUNTIME_DIR'] || tmpdir()
  const folder = join(
    base.length < 60 ? base : '/tmp',
    `ebpf-labs-${process.getuid?.() ?? 0}-${key}`,
  )
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return folder
}
