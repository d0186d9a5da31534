import { kernelTooOld } from '@ebpf-labs/harness'
import { kernelConfig } from '@ebpf-labs/libbpf'
import type { Hook } from './hook.ts'
import { oldestOf } from './support.ts'

/**
 * What to add to the title of a hook's test where the kernel lacks the hook, by its version or its configuration; nothing where it
 * must be there. `test.skipIf(lacks !== '')(…)` skips by the same.
 */
export function lackingOf(hook: Hook): string {
  const { config } = hook
  const tooOld = kernelTooOld(oldestOf(hook))
  if (tooOld !== '' || config === undefined) return tooOld
  return kernelConfig(config) === 'n' ? ` (needs ${config}, this kernel lacks it)` : ''
}
