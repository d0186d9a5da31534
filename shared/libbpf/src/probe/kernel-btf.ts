import { existsSync } from 'node:fs'
import { Btf } from '../btf/btf.ts'

const PATH = '/sys/kernel/btf/vmlinux'

/** Whether the kernel carries type information (CONFIG_DEBUG_INFO_BTF), without which CO-RE, fentry and LSM do not work. */
export function hasKernelBtf(): boolean {
  return existsSync(PATH)
}

let btf: Btf | undefined

function kernelBtf(): Btf | undefined {
  if (!hasKernelBtf()) return undefined
  btf ??= Btf.kernel()
  return btf
}

/** BTF id of a kernel function; undefined when there is none, or no BTF at all. */
export function kernelFunction(name: string): number | undefined {
  return kernelBtf()?.find(name, 'func')?.id
}

/** BTF id of a tracepoint's type, `btf_trace_<name>`, which raw tracepoints and tp_btf look up. */
export function rawTracepoint(name: string): number | undefined {
  return kernelBtf()?.find(`btf_trace_${name}`, 'typedef')?.id
}
