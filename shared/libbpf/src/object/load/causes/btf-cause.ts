import { existsSync } from 'node:fs'
import { BpfError } from '../../../errors/bpf-error.ts'
import { UnsupportedError } from '../../../errors/unsupported-error.ts'
import { libbpfCause } from '../../../ffi/print.ts'
import type { LoadFailure } from './load-error.ts'

const KERNEL_BTF = '/sys/kernel/btf/vmlinux'

/** No BTF of the kernel, or a bad file given in its place. */
export function btfCause(words: string, failure: LoadFailure): BpfError | undefined {
  const cause = libbpfCause(failure.messages)
  if (failure.btf !== undefined && /failed to parse target BTF/.test(words)) {
    return new BpfError({
      operation: 'load object',
      subject: failure.object,
      errno: failure.errno,
      problem: `cannot read the BTF in ${failure.btf}`,
      hint: 'The option btf names a file of raw BTF, or an ELF file with a .BTF section, of the kernel that runs here.',
      cause,
    })
  }
  if (!/(vmlinux|kernel|target) BTF/i.test(words) || existsSync(KERNEL_BTF)) return undefined
  return new UnsupportedError({
    operation: 'load object',
    subject: failure.object,
    errno: failure.errno,
    feature: 'CO-RE, fentry and the like',
    needs: { kernel: 'CONFIG_DEBUG_INFO_BTF=y' },
    have: `a kernel without ${KERNEL_BTF}`,
    hint: 'For CO-RE alone, BTF of the same kernel from elsewhere will do: { btf: path }.',
    cause,
  })
}
