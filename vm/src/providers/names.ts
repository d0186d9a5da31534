import { keyOf } from '../host/cache.ts'
import { workspace } from '../workspace.ts'

/** What a machine of this workspace is called where all workspaces share one list of names. */
export const boxName = (): string => `ebpf-labs-${keyOf(workspace).slice(0, 8)}`
