import type { Architecture } from '../arch/arch.ts'
import { keyOf } from '../host/cache.ts'
import { kernel, type Kernel } from '../image/kernel.ts'
import { nodeDisk } from '../image/node.ts'
import { root, type Root } from '../image/root.ts'
import type { KernelSeries } from '../kernels.ts'

/** Everything a machine is started from. */
export interface Images {
  readonly kernel: Kernel
  readonly root: Root
  readonly node: string
  /** Changes if any of them does. */
  readonly key: string
}

/** Builds what the cache does not have, all at the same time. */
export async function makeImages(arch: Architecture, series: KernelSeries): Promise<Images> {
  const [linux, rootDisk, node] = await Promise.all([
    kernel(series, arch),
    root(arch),
    nodeDisk(arch),
  ])
  return {
    kernel: linux,
    root: rootDisk,
    node,
    key: keyOf(linux.folder, rootDisk.folder, node),
  }
}
