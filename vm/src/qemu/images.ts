import { dirname } from 'node:path'
import type { Architecture } from '../arch/arch.ts'
import { keyOf, touch } from '../host/cache.ts'
import { makeKernel, type Kernel } from '../image/kernel.ts'
import { makeNodeDisk } from '../image/node.ts'
import { makeRoot, type Root } from '../image/root.ts'
import type { KernelSeries } from '../kernels.ts'

/** Everything a machine is started from. */
export interface Images {
  readonly kernel: Kernel
  readonly root: Root
  readonly node: string
  /** Changes if any of them does. */
  readonly key: string
}

/** Makes what the cache does not have, all at the same time. */
export async function makeImages(arch: Architecture, series: KernelSeries): Promise<Images> {
  const [kernel, root, node] = await Promise.all([
    makeKernel(series, arch),
    makeRoot(arch),
    makeNodeDisk(arch),
  ])
  return { kernel, root, node, key: keyOf(kernel.folder, root.folder, node) }
}

/** Notes that these images are in use, so that they outlive older ones. */
export function touchImages({ kernel, root, node }: Images): void {
  for (const folder of [kernel.folder, root.folder, dirname(node)]) touch(folder)
}
