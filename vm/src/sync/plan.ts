import { createHash } from 'node:crypto'
import { lstatSync, readFileSync, readlinkSync, type BigIntStats } from 'node:fs'
import { join } from 'node:path'
import { workspace } from '../workspace.ts'
import { listFiles } from './list.ts'

/** What is known of a file that the machine has. */
interface Entry {
  /** Times, size and inode when its content was last looked at. */
  readonly stamp: string
  /** Hash of type, mode and content. */
  readonly hash: string
}

/** What a machine has of the workspace. */
export interface SyncIndex {
  /** The start of the machine that it holds for. */
  readonly boot: string
  readonly files: Record<string, Entry>
}

export const isSyncIndex = (value: unknown): value is SyncIndex =>
  typeof value === 'object' && value !== null && 'boot' in value && 'files' in value

export interface SyncPlan {
  readonly send: string[]
  readonly remove: string[]
  /** What the index is once that has been done. */
  readonly index: SyncIndex
  /** Whether the index on disk differs, be it in times alone. */
  readonly stale: boolean
}

/** Compares the workspace with what the machine has, reading only files whose stamp changed. */
export function planSync(boot: string, known: SyncIndex | undefined): SyncPlan {
  const before = known?.boot === boot ? known.files : {}
  const files: Record<string, Entry> = {}
  const send: string[] = []
  let stale = known?.boot !== boot
  for (const path of listFiles()) {
    const stat = lstatSync(join(workspace, path), { bigint: true, throwIfNoEntry: false })
    if (!stat || !(stat.isFile() || stat.isSymbolicLink())) continue
    const stamp = [stat.mtimeNs, stat.ctimeNs, stat.size, stat.ino, stat.mode].join(' ')
    const old = before[path]
    if (old?.stamp === stamp) {
      files[path] = old
      continue
    }
    stale = true
    const hash = hashOf(path, stat)
    files[path] = { stamp, hash }
    if (old?.hash !== hash) send.push(path)
  }
  const remove = Object.keys(before).filter((path) => !(path in files))
  return { send, remove, index: { boot, files }, stale: stale || remove.length > 0 }
}

function hashOf(path: string, stat: BigIntStats): string {
  const full = join(workspace, path)
  const content = stat.isSymbolicLink() ? readlinkSync(full) : readFileSync(full)
  return createHash('sha1').update(`${stat.mode}\0`).update(content).digest('base64')
}
