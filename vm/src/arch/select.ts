import { amd64 } from './amd64.ts'
import { arm64 } from './arm64.ts'
import type { Architecture } from './arch.ts'
import { UsageError } from '../errors.ts'

/** Every architecture that can be asked for with LAB_ARCH. */
export const architectures: readonly Architecture[] = [amd64, arm64]

/**
 * The architecture that LAB_ARCH names, or else the host's own.
 * @throws UsageError if there is none of that name.
 */
export function selectArchitecture(wanted = process.env['LAB_ARCH']): Architecture {
  const known = architectures.map((arch) => arch.name).join(', ')
  const found = architectures.find((arch) =>
    wanted ? arch.name === wanted : arch.hostArch === process.arch,
  )
  if (found) return found
  throw new UsageError(
    wanted
      ? `LAB_ARCH=${wanted}: no such architecture. There is: ${known}.`
      : `no machine for this computer's architecture (${process.arch}) yet. Emulate one: LAB_ARCH=${architectures[0]?.name}.`,
  )
}
