import { type Dirent, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type TestProcess, ownProcesses } from '../process/stale-processes.ts'
import { madeCgroups } from '../cgroup.ts'
import { netNamespaces } from './attachments.ts'
import { objectKeys } from './left-objects.ts'
import { codeOf } from '../process/error-code.ts'

/** Where bpffs is mounted. */
export const bpffs = '/sys/fs/bpf'

/** What there is in the machine that a test could leave behind. */
export interface Snapshot {
  /** Programs, maps and links, as `kind id`. */
  objects: Set<string>
  /** Pins, as paths below {@link bpffs}; iproute2 leaves folders there, which hold nothing. */
  pins: Set<string>
  namespaces: Set<string>
  /** Those that the harness makes, by name. */
  cgroups: Set<string>
  interfaces: Set<string>
  processes: Map<number, TestProcess>
}

/** Looks at everything that a test could leave behind. */
export function takeSnapshot(): Snapshot {
  return {
    objects: objectKeys(),
    pins: new Set(pinsBelow(bpffs)),
    namespaces: new Set(netNamespaces()),
    cgroups: new Set(madeCgroups()),
    interfaces: new Set(readdirSync('/sys/class/net')),
    processes: new Map(ownProcesses().map((found) => [found.pid, found])),
  }
}

function pinsBelow(folder: string): string[] {
  return entriesOf(folder).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return pinsBelow(path)
    return entry.isFile() ? [path] : []
  })
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [] // removed meanwhile
    throw error
  }
}
