import { kernelTooOld } from '@ebpf-labs/harness'
import { kernelConfig } from '@ebpf-labs/libbpf'
import type { Hook } from './hook.ts'

/**
 * What to add to the title of a hook's test where the kernel lacks the hook, by its version or its configuration; nothing where it
 * must be there. `test.skipIf(lacks !== '')(…)` skips by the same.
 */
export function lackingOf({ since, sinceOnArm64, config }: Hook): string {
  const oldest = process.arch === 'arm64' ? (sinceOnArm64 ?? since) : since
  const tooOld = kernelTooOld(oldest)
  if (tooOld !== '' || config === undefined) return tooOld
  return kernelConfig(config) === 'n' ? ` (needs ${config}, this kernel lacks it)` : ''
}
