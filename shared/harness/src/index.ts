// bpftool
export { bpftool } from './bpftool.ts'

// cgroup
export { Cgroup } from './cgroup.ts'

// kernel
export { kernelTooOld } from './kernel.ts'

// leaks
export { type Leak, LeakError, LeakGuard } from './leaks/leak-guard.ts'

// network
export { type Counters, type Interface, Namespace } from './network/namespace.ts'
export { type LinkedPair, type LinkKind, type Network, network } from './network/network.ts'
export { stayOnCpu } from './network/one-cpu.ts'
export { type BindOptions, type Endpoint, errorOf, Socket } from './network/socket.ts'
export { SystemCallError } from './network/libc.ts'

// process
export { DeadlineError, waitUntil, type WaitOptions } from './process/deadline.ts'
export { execFromThread, execs } from './process/execs.ts'
export { type Finished, RunningProgram, type RunOptions } from './process/running-program.ts'
export { secondUser, type User } from './process/users.ts'

// readme
export { readmeTests } from './readme/readme-tests.ts'

// strace
export type { Call, Ending } from './strace/call.ts'
export { Strace, strace, type Traced } from './strace/strace.ts'
export { Timeline, type TimelineEntry } from './strace/timeline.ts'

// tracing
export { type LostEvents, parseTraceLine, type TraceLine } from './tracing/trace-line.ts'
export {
  type TraceFilter,
  TracePipe,
  tracePipe,
  type TracePipeOptions,
} from './tracing/trace-pipe.ts'

export { type Run, test } from './test.ts'
