import type { Link } from '../../link/link.ts'
import { bpf_program__attach } from '../bindings.ts'
import { PROGRAM_TYPES } from '../program-types.ts'
import { attach } from './attempt.ts'
import type { Attachable } from './attempt.ts'
import { explainNames } from './tracing/explain-names.ts'
import { explainTrace } from './tracing/explain-trace.ts'
import type { Cause, Failure } from './attach-error.ts'

/** Attaches a program to what its section's name says, like `bpf_program__attach()`. */
export function attachBySection(program: Attachable): Link {
  return attach(program, {
    hook: program.section ?? 'no section',
    types: PROGRAM_TYPES,
    call: bpf_program__attach,
    explain: (code, failure) => explainSection(code, failure, program),
    composite: /^usdt(\.s)?\//.test(program.section ?? ''),
  })
}

function explainSection(code: string, failure: Failure, program: Attachable): Cause | undefined {
  if (code !== 'EOPNOTSUPP') return explainNames(code, failure) ?? explainTrace(code, failure)
  return {
    problem: 'the section does not say what to attach to',
    hint: `Attach it by hand: ${BY_HAND[program.type] ?? 'program.attach…(…)'}.`,
  }
}

/** How to attach a program whose section says only its type. */
const BY_HAND: Readonly<Record<string, string>> = {
  xdp: "program.attachXdp('eth0')",
  sched_cls: "program.attachTcx('eth0') or program.attachTc('eth0', 'ingress')",
  kprobe:
    "program.attachKprobe('do_unlinkat') or program.attachUprobe('/bin/bash', { function: 'readline' })",
  tracepoint: "program.attachTracepoint('sched', 'sched_switch')",
  raw_tracepoint: "program.attachRawTracepoint('sched_switch')",
  perf_event: 'program.attachPerfEvent({ cpu: 0, frequency: 99 })',
  socket_filter: 'program.attachSocket(fd)',
  netfilter: "program.attachNetfilter({ hook: 'local_in' })",
  sk_lookup: 'program.attachNetns()',
  flow_dissector: 'program.attachNetns()',
  sk_msg: 'program.attachSockmap(map)',
  sk_skb: 'program.attachSockmap(map)',
  sk_reuseport: 'program.attachReuseport(fd)',
  struct_ops: 'object.maps.NAME.attach()',
  syscall: 'program.testRun() runs it',
  sock_ops: "program.attachCgroup('/sys/fs/cgroup')",
  cgroup_skb: "program.attachCgroup('/sys/fs/cgroup')",
  cgroup_sock: "program.attachCgroup('/sys/fs/cgroup')",
  cgroup_sock_addr: "program.attachCgroup('/sys/fs/cgroup')",
  cgroup_sockopt: "program.attachCgroup('/sys/fs/cgroup')",
  cgroup_sysctl: "program.attachCgroup('/sys/fs/cgroup')",
  cgroup_device: "program.attachCgroup('/sys/fs/cgroup')",
}
