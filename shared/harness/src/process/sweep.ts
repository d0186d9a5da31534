import { sweepCgroups } from '../cgroup.ts'
import { sweepNamespaces } from '../network/network.ts'
import { sweepPinFolders } from '../pins.ts'
import { sweepInstances } from '../tracing/tracefs.ts'
import { sweepProcesses } from './stale-processes.ts'

/**
 * Removes what tests left that were killed before they could clean up: processes, tracing instances, pins, cgroups, namespaces. All of it carries
 * the tag of a process that is gone.
 */
export async function sweep(): Promise<void> {
  sweepProcesses()
  sweepInstances()
  sweepPinFolders()
  sweepCgroups()
  await sweepNamespaces()
}
