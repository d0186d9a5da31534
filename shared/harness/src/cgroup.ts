import { mkdirSync, readFileSync, readdirSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isStale, uniqueName } from './process/owner.ts'
import { codeOf, messageOf } from './process/error-code.ts'

/** A cgroup (v2) of one's own, so that programs attached to it see nobody else. */
export class Cgroup implements Disposable {
  /** Its folder. */
  readonly path: string

  /**
   * Makes a cgroup; those of processes that are gone are removed.
   * @throws Error where none can be made
   */
  static make(): Cgroup {
    sweepCgroups()
    const path = join(cgroupRoot(), uniqueName('cgroup'))
    try {
      mkdirSync(path)
    } catch (cause) {
      throw new Error(`cannot make a cgroup: ${messageOf(cause)}\nThis takes root.`, { cause })
    }
    made.add(path)
    return new Cgroup(path)
  }

  private constructor(path: string) {
    this.path = path
  }

  /** What bpf_get_current_cgroup_id() says in it: the inode of its folder. */
  get id(): bigint {
    return statSync(this.path, { bigint: true }).ino
  }

  /**
   * Runs `action` with this process in the cgroup, and brings it back to where it was. Sockets stay in the cgroup they were made in.
   * `action` must be synchronous.
   */
  inside<T>(action: () => T): T {
    const home = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '/'
    move(this.path)
    try {
      const result = action()
      if (result instanceof Promise)
        throw new TypeError('inside() takes no async function: the rest of it would run outside')
      return result
    } finally {
      move(join(cgroupRoot(), home))
    }
  }

  /** Removes it. Programs attached to it stay for as long as sockets of it are open. */
  [Symbol.dispose](): void {
    rmdirSync(this.path)
    made.delete(this.path)
  }
}

const made = new Set<string>()
process.on('exit', () => made.forEach(removeIfEmpty))

/** Cgroups that the harness made, in this process or another. */
export function madeCgroups(): string[] {
  try {
    const folders = readdirSync(cgroupRoot(), { withFileTypes: true })
    return folders.filter((entry) => /^labs-\d/.test(entry.name)).map(({ name }) => name)
  } catch {
    return [] // no cgroup v2: whoever needs it is told
  }
}

/** Removes the cgroups of processes that are gone. */
export function sweepCgroups(): void {
  for (const name of madeCgroups().filter(isStale)) removeIfEmpty(join(cgroupRoot(), name))
}

/** Where cgroup v2 is mounted. */
export function cgroupRoot(): string {
  const mount = /^\S+ (\S+) cgroup2 /m.exec(readFileSync('/proc/mounts', 'utf8'))?.[1]
  if (mount !== undefined) return mount
  throw new Error('no cgroup v2 is mounted: mount -t cgroup2 none /sys/fs/cgroup')
}

function move(path: string): void {
  writeFileSync(join(path, 'cgroup.procs'), String(process.pid))
}

function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path)
  } catch (error) {
    if (!['EBUSY', 'ENOENT'].includes(codeOf(error) ?? '')) throw error // somebody is in it, or it is gone
  }
}
