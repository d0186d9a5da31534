import type { Codec } from '../codec/codec.ts'
import { BpfError } from '../errors/bpf-error.ts'

/**
 * One value per possible CPU, as per-CPU maps hold them: each at a multiple of 8 bytes
 * (kernel/bpf/hashtab.c, round_up(value_size, 8)).
 */
export function perCpu<V, W = V>(value: Codec<V, W>, cpus: number): Codec<V[], W[]> {
  const stride = Math.ceil(value.size / 8) * 8
  return {
    size: stride * cpus,
    read(view, at) {
      const values: V[] = []
      for (let cpu = 0; cpu < cpus; cpu += 1) values.push(value.read(view, at + cpu * stride))
      return values
    },
    write(view, at, values, name = 'value') {
      if (!Array.isArray(values) || values.length !== cpus) {
        throw new BpfError({
          operation: 'encode',
          subject: name,
          expected: `an array of ${cpus} values, one per possible CPU`,
          got: Array.isArray(values) ? `${values.length}` : typeof values,
          hint: 'Make one with: Array.from({ length: possibleCpus() }, () => value)',
        })
      }
      for (let cpu = 0; cpu < cpus; cpu += 1) {
        const from = at + cpu * stride
        view.setBigUint64(from + stride - 8, 0n) // the padding behind the value
        value.write(view, from, values[cpu]!, name)
      }
    },
  }
}
