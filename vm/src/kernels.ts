import { UsageError } from './errors.ts'

/** A kernel series that a machine can run, with the Debian suite that maintains it. */
export interface KernelSeries {
  readonly series: string
  readonly suite: string
  /** Debian's metapackage for the newest kernel of the suite, by architecture. */
  metapackage(arch: string): string
  /** Whether the suite is in the making: its Release file may be past its date then. */
  readonly testing?: boolean
}

const cloud = (arch: string): string => `linux-image-cloud-${arch}`

/** Every series that can be asked for with LAB_KERNEL, the oldest first. */
export const kernels: readonly KernelSeries[] = [
  { series: '5.10', suite: 'bullseye', metapackage: cloud },
  { series: '6.1', suite: 'bookworm', metapackage: cloud },
  { series: '6.12', suite: 'trixie', metapackage: cloud },
  { series: '7.2', suite: 'forky', metapackage: cloud, testing: true },
]

/** The series of the suite that the machine's root disk is made from. */
export const defaultSeries = '6.12'

/**
 * The kernel series that LAB_KERNEL names, or else the default one.
 * @throws UsageError if there is none of that name.
 */
export function selectKernel(wanted = process.env['LAB_KERNEL'] || defaultSeries): KernelSeries {
  const found = kernels.find(({ series }) => series === wanted)
  if (found) return found
  const known = kernels.map(({ series }) => series).join(', ')
  throw new UsageError(`LAB_KERNEL=${wanted}: no such kernel. There is: ${known}.`)
}
