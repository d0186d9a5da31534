import { UsageError } from '../errors.ts'

/** Every kind of machine that can be asked for with LAB_VM. */
export const providerNames = ['qemu', 'lima', 'vagrant', 'compose', 'native'] as const
export type ProviderName = (typeof providerNames)[number]

/**
 * The kind of machine that LAB_VM names; without it, this very one inside a machine, else lima on
 * macOS and qemu everywhere else.
 * @throws UsageError if there is none of that name.
 */
export function selectProvider(env = process.env, platform = process.platform): ProviderName {
  const wanted = env['LAB_VM']
  // Inside a machine there is nothing to choose: LAB_VM was about how to get there.
  if (env['EBPF_LABS_GUEST'] === '1') return 'native'
  if (!wanted) return platform === 'darwin' ? 'lima' : 'qemu'
  const found = providerNames.find((name) => name === wanted)
  if (found) return found
  throw new UsageError(
    `LAB_VM=${wanted}: no such kind of machine. There is: ${providerNames.join(', ')}.`,
  )
}
