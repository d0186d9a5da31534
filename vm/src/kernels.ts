import { UsageError } from './errors.ts'

/** A kernel series that a machine can run, with the Debian suite that maintains it. */
export interface KernelSeries {
  readonly series: string
  readonly suite: string
  /** Debian's metapackage for the newest kernel of the series, by architecture. */
  metapackage(arch: string): string
}

const cloud = (arch: string): string => `linux-image-cloud-${arch}`

/** Every series that can be asked for with LAB_KERNEL; the first is the default. */
export const kernels: readonly [KernelSeries, ...KernelSeries[]] = [
  { series: '6.12', suite: 'trixie', metapackage: cloud },
]

/**
 * The kernel series that LAB_KERNEL names, or else the default one.
 * @throws UsageError if there is none of that name.
 */
export function selectKernel(wanted = process.env['LAB_KERNEL']): KernelSeries {
  if (!wanted) return kernels[0]
  const found = kernels.find(({ series }) => series === wanted)
  if (found) return found
  const known = kernels.map(({ series }) => series).join(', ')
  throw new UsageError(`LAB_KERNEL=${wanted}: no such kernel. There is: ${known}.`)
}
