import { selectArchitecture } from '../arch/select.ts'
import { UsageError } from '../errors.ts'
import { makeKernel } from '../image/kernel.ts'
import { selectKernel } from '../kernels.ts'
import type { Command } from './command.ts'

export const command: Command = {
  usage: '[SERIES] [--arch ARCH]',
  summary: "print where a kernel's BTF is, as a raw file",
  details: `The file has what /sys/kernel/btf/vmlinux has when that kernel runs; the kernel is downloaded if
need be. Without SERIES and --arch: those of LAB_KERNEL and LAB_ARCH.`,
  async run(args) {
    const words = [...args]
    const flag = words.indexOf('--arch')
    const [, arch] = flag === -1 ? [] : words.splice(flag, 2)
    if (flag !== -1 && !arch) throw new UsageError('btf: --arch needs an architecture.')
    const [series, ...rest] = words
    if (rest.length > 0) throw new UsageError(`btf: unknown argument ${rest[0]}.`)
    const { btf } = await makeKernel(selectKernel(series), selectArchitecture(arch))
    console.log(btf)
    return 0
  },
}
