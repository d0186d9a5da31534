import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { architectures } from '../arch/select.ts'
import type { Architecture } from '../arch/arch.ts'
import { cacheFolder } from '../host/cache.ts'
import { thisDistribution } from '../host/distribution.ts'
import { installCommand } from '../host/install.ts'
import { findProgram } from '../host/programs.ts'
import { requirements } from '../host/requirements.ts'
import { kernels } from '../kernels.ts'
import type { Finding } from './examine.ts'

/** What other kernels and architectures than the selected one need, none of which must be there. */
export function examineMatrix(selected: Architecture): Finding[] {
  const others = architectures.filter((arch) => arch !== selected)
  return [...others.map(examineArchitecture), kernelsInCache()]
}

function examineArchitecture(arch: Architecture): Finding {
  const what = `LAB_ARCH=${arch.name}`
  if (findProgram(arch.qemu)) return { what, verdict: 'ok', detail: `${arch.qemu} is there` }
  const distribution = thisDistribution()
  const lacking = requirements(arch).filter(({ programs }) => programs.includes(arch.qemu))
  return {
    what,
    verdict: 'note',
    detail: `${arch.qemu} is missing, so there is no such machine`,
    ...(distribution && { remedy: installCommand(distribution, lacking) }),
  }
}

/** Which kernels need no download any more. */
function kernelsInCache(): Finding {
  const made = readFolder(join(cacheFolder(), 'kernels'))
  const cells = architectures.flatMap(({ name }) =>
    kernels.map(({ series }) => ({ prefix: `${name}-${series}-`, cell: `${series}/${name}` })),
  )
  const there = cells.filter(({ prefix }) => made.some((folder) => folder.startsWith(prefix)))
  const list = there.map(({ cell }) => cell).join(', ') || 'none yet'
  return {
    what: 'kernels',
    verdict: 'ok',
    detail: `${there.length} of ${cells.length} are in the cache, the others are made when asked for: ${list}`,
  }
}

function readFolder(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
