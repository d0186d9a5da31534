import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findClang } from '../host/clang.ts'
import { command } from '../host/command.ts'
import { makeKernel } from '../image/kernel.ts'
import { makeRoot } from '../image/root.ts'
import type { Cell } from './cells.ts'

/** Which kernel a cell had, and where it came from. */
export interface KernelVersion {
  readonly series: string
  readonly arch: string
  /** What `uname -r` says. */
  readonly release: string
  /** Debian's release and package files. */
  readonly suite: string
  readonly packages: readonly string[]
}

export async function kernelVersion({ series, arch }: Cell): Promise<KernelVersion> {
  const { folder, release } = await makeKernel(series, arch)
  const packages = readFileSync(join(folder, 'packages'), 'utf8').trim().split('\n')
  return { series: series.series, arch: arch.name, release, suite: series.suite, packages }
}

/** The versions of the programs that the results depend on, by name. */
export async function programVersions(cells: readonly Cell[]): Promise<Record<string, string>> {
  const versions: Record<string, string> = { Node: process.version.slice(1) }
  for (const arch of new Set(cells.map((cell) => cell.arch))) {
    const { folder } = await makeRoot(arch)
    const packages = readFileSync(join(folder, 'packages'), 'utf8')
    for (const name of ['libbpf1', 'bpftool', 'libc6']) {
      const version = new RegExp(`^${name}(?::\\w+)?\\t(\\S+)$`, 'm').exec(packages)?.[1]
      if (version) versions[name] = version
    }
    const text = (await command([arch.qemu, '--version'])).split('\n')[0] ?? ''
    versions[arch.qemu] = /version (.*)/.exec(text)?.[1] ?? text
  }
  versions['clang'] = (await findClang()).clangVersion.replace(/^.*version /, '')
  return versions
}
