import { accessSync, constants, existsSync, mkdirSync, statfsSync } from 'node:fs'
import { release } from 'node:os'
import type { Architecture } from '../arch/arch.ts'
import { lastVerdict } from '../qemu/acceleration.ts'
import { cacheFolder } from '../host/cache.ts'
import { findClang } from '../host/clang.ts'
import { command } from '../host/command.ts'
import { thisDistribution } from '../host/distribution.ts'
import { installCommand } from '../host/install.ts'
import { findProgram } from '../host/programs.ts'
import { isMet, requirements } from '../host/requirements.ts'
import { selectProvider } from '../providers/select.ts'
import { examineMatrix } from './examine-matrix.ts'
import { examineProviders } from './examine-providers.ts'

/** One thing that was looked at on this computer. */
export interface Finding {
  readonly what: string
  /** `missing` keeps the machine from running; `note` does not. */
  readonly verdict: 'ok' | 'missing' | 'note'
  readonly detail: string
  /** The command that mends it. */
  readonly remedy?: string
}

/** Looks at all that the machine needs of this computer. Changes nothing. */
export async function examine(arch: Architecture): Promise<Finding[]> {
  const provider = selectProvider()
  // What QEMU needs is beside the point where another kind of machine is asked for.
  const own = provider === 'qemu' ? await examineOwn(arch) : [await examineClang(), space()]
  return [...own, ...examineProviders(provider)].filter((finding) => finding !== undefined)
}

/** What the built-in machine needs. */
async function examineOwn(arch: Architecture): Promise<(Finding | undefined)[]> {
  const host: Finding = {
    what: 'host',
    verdict: process.platform === 'linux' ? 'ok' : 'missing',
    detail: `${process.platform} ${release()}, ${process.arch}`,
  }
  const programs = await Promise.all(requirements(arch).map(examineRequirement))
  return [
    host,
    ...programs,
    await examineQemu(arch),
    await examineClang(),
    kvm(arch),
    space(),
    ...examineMatrix(arch),
  ]
}

async function examineRequirement(requirement: ReturnType<typeof requirements>[number]) {
  const met = await isMet(requirement)
  const distribution = thisDistribution()
  const finding: Finding = {
    what: requirement.programs.join(', '),
    verdict: met ? 'ok' : 'missing',
    detail: `${met ? 'there' : 'missing, needed'} to ${requirement.purpose}`,
    ...(!met && distribution && { remedy: installCommand(distribution, [requirement]) }),
  }
  return finding
}

async function examineQemu(arch: Architecture): Promise<Finding | undefined> {
  const program = findProgram(arch.qemu)
  if (!program) return undefined
  const version = (await command([program, '--version'])).split('\n')[0] ?? ''
  return { what: 'QEMU', verdict: 'ok', detail: version }
}

async function examineClang(): Promise<Finding | undefined> {
  const clang = await findClang().catch(() => undefined)
  return clang && { what: 'clang', verdict: 'ok', detail: `${clang.clangVersion}, ${clang.clang}` }
}

function kvm(arch: Architecture): Finding {
  const what = 'KVM'
  if (!existsSync('/dev/kvm')) {
    return {
      what,
      verdict: 'note',
      detail: 'not there: the processor is emulated, slower but fine',
    }
  }
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK)
    const tried = lastVerdict(arch)
    if (tried === 'kvm') return { what, verdict: 'ok', detail: 'there, and works' }
    const failed = 'there, but a kernel did not boot with it: the processor is emulated'
    if (tried) return { what, verdict: 'note', detail: failed }
    return { what, verdict: 'ok', detail: 'there; whether it works is tried at the first start' }
  } catch {
    const remedy = `sudo usermod -aG kvm ${process.env['USER'] ?? '$USER'}   # then log in again`
    return { what, verdict: 'note', detail: 'this user may not use /dev/kvm', remedy }
  }
}

function space(): Finding {
  const folder = cacheFolder()
  mkdirSync(folder, { recursive: true })
  const { bavail, bsize } = statfsSync(folder)
  const free = (bavail * bsize) / 1e9
  return {
    what: 'disk space',
    verdict: free < 4 && !existsSync(`${folder}/roots`) ? 'missing' : 'ok',
    detail: `${free.toFixed(1)} GB left for ${folder}`,
  }
}
