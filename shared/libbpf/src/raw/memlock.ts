import { readFileSync } from 'node:fs'
import { release } from 'node:os'
import { bindLibc } from '../ffi/libc.ts'

const setrlimit = bindLibc<(resource: number, limit: BigUint64Array) => number>(
  'int setrlimit(int, const void *)',
)
const RLIMIT_MEMLOCK = 8 // asm-generic/resource.h
const RLIM_INFINITY = 0xffff_ffff_ffff_ffffn

/**
 * How much memory this process may lock (RLIMIT_MEMLOCK, setrlimit(2)): `64 kB`.
 *
 * @returns undefined if there is no limit
 */
export function memlockLimit(): string | undefined {
  const limits = readFileSync('/proc/self/limits', 'latin1')
  const [, soft = 'unlimited'] = /^Max locked memory\s+(\S+)/m.exec(limits) ?? []
  return soft === 'unlimited' ? undefined : `${Math.floor(Number(soft) / 1024)} kB`
}

/** What to do when a limit of locked memory is in the way of what `wants` memory. */
export function memlockHint(wants: string, limit: string): string {
  return `${wants} may lock ${limit} in this process: raise the limit (ulimit -l unlimited, LimitMEMLOCK=infinity for systemd).`
}

/**
 * Whether maps and programs count as locked memory: later kernels charge them to the memory cgroup
 * (kernel/bpf/syscall.c, Linux 5.11). libbpf lifts the limit itself, if it has CAP_SYS_RESOURCE.
 */
export function bpfCountsAsLocked(kernel = release()): boolean {
  const [major = 0, minor = 0] = kernel.split('.').map(Number)
  return major < 5 || (major === 5 && minor < 11)
}

let lifted = false

/**
 * Lifts the limit of locked memory where BPF counts as that, as libbpf does before it makes its first map. A process without
 * CAP_SYS_RESOURCE keeps its limit.
 */
export function liftMemlock(): void {
  if (lifted || !bpfCountsAsLocked()) return
  lifted = true
  setrlimit(RLIMIT_MEMLOCK, new BigUint64Array([RLIM_INFINITY, RLIM_INFINITY]))
}
