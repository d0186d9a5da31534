import { BpfError } from '../errors/bpf-error.ts'
import { bindLibbpf } from '../ffi/libbpf.ts'

const numPossibleCpus = bindLibbpf<() => number>('int libbpf_num_possible_cpus(void)')

let count = 0

/**
 * Number of CPUs the kernel may ever use, which is how many values a per-CPU entry has.
 *
 * More than the CPUs that are online (/sys/devices/system/cpu/possible).
 */
export function possibleCpus(): number {
  if (count === 0) {
    const n = numPossibleCpus()
    if (n < 0) throw new BpfError({ operation: 'count possible CPUs', errno: n })
    count = n
  }
  return count
}
