import type { Group, Hook } from './hook.ts'
import { structOps } from './other/struct_ops.ts'
import { syscall } from './other/syscall.ts'
import { lsm } from './security/lsm.ts'

/** All hooks of this lab, in the order of its table. */
export const hooks: readonly Hook[] = [
  // tracing
  // userspace
  // networking
  // cgroup
  // security
  lsm,
  // other
  structOps,
  syscall,
]

/** What the sections of the table are called. */
export const groups: Readonly<Record<Group, string>> = {
  tracing: 'Tracing the kernel',
  userspace: 'Tracing programs and libraries',
  networking: 'Networking: interfaces, routes, sockets',
  cgroup: 'Control groups and their sockets',
  security: 'Security',
  other: 'Other',
}
