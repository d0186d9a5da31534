import type { Group, Hook } from './hook.ts'
import { cgroupSkb } from './cgroup/cgroup_skb.ts'
import { skMsg } from './cgroup/sk_msg.ts'
import { sockAddr } from './cgroup/sock_addr.ts'
import { sockops } from './cgroup/sockops.ts'
import { flowDissector } from './networking/flow_dissector.ts'
import { lwt } from './networking/lwt.ts'
import { netfilter } from './networking/netfilter.ts'
import { netkit } from './networking/netkit.ts'
import { skLookup } from './networking/sk_lookup.ts'
import { skReuseport } from './networking/sk_reuseport.ts'
import { socketFilter } from './networking/socket-filter.ts'
import { tc } from './networking/tc.ts'
import { tcx } from './networking/tcx.ts'
import { xdp } from './networking/xdp.ts'
import { structOps } from './other/struct_ops.ts'
import { syscall } from './other/syscall.ts'
import { lsm } from './security/lsm.ts'
import { fentry } from './tracing/fentry.ts'
import { fexit } from './tracing/fexit.ts'
import { fmodRet } from './tracing/fmod_ret.ts'
import { iter } from './tracing/iter.ts'
import { kprobeMulti } from './tracing/kprobe-multi.ts'
import { kprobe } from './tracing/kprobe.ts'
import { kretprobe } from './tracing/kretprobe.ts'
import { ksyscall } from './tracing/ksyscall.ts'
import { perfEvent } from './tracing/perf_event.ts'
import { rawTp } from './tracing/raw_tp.ts'
import { tpBtf } from './tracing/tp_btf.ts'
import { tracepoint } from './tracing/tracepoint.ts'
import { uprobe } from './userspace/uprobe.ts'
import { uprobeMulti } from './userspace/uprobe-multi.ts'
import { uretprobe } from './userspace/uretprobe.ts'
import { usdt } from './userspace/usdt.ts'

/** All hooks of this lab, in the order of its table. */
export const hooks: readonly Hook[] = [
  // tracing
  kprobe,
  kretprobe,
  kprobeMulti,
  ksyscall,
  fentry,
  fexit,
  fmodRet,
  tracepoint,
  rawTp,
  tpBtf,
  perfEvent,
  iter,
  // userspace
  uprobe,
  uretprobe,
  uprobeMulti,
  usdt,
  // networking
  xdp,
  tc,
  tcx,
  netkit,
  socketFilter,
  flowDissector,
  lwt,
  netfilter,
  skLookup,
  skReuseport,
  // cgroup
  cgroupSkb,
  sockAddr,
  sockops,
  skMsg,
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
