import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Architecture } from '../arch/arch.ts'
import { HostError } from '../errors.ts'
import { cached, keyOf } from '../host/cache.ts'
import { command } from '../host/command.ts'
import { provideRequirements } from '../host/install.ts'
import { step } from '../host/step.ts'
import type { KernelSeries } from '../kernels.ts'
import { apt } from './apt.ts'
import { makeDisk, sizeOf } from './disk.ts'
import { kernelBtf } from './kernel-btf.ts'

/** Changes whenever a kernel made by older code would not do. */
const recipe = '3'

export interface Kernel {
  readonly folder: string
  /** What `uname -r` says. */
  readonly release: string
  /** What QEMU boots. */
  readonly image: string
  /** Its BTF, raw. */
  readonly btf: string
  /** An ext4 disk with the folder that /usr/lib/modules is to have. */
  readonly modules: string
}

/** Downloads and unpacks Debian's kernel of a series, unless the cache has it. */
export async function makeKernel(series: KernelSeries, arch: Architecture): Promise<Kernel> {
  const key = keyOf(recipe, series.suite, series.metapackage(arch.name))
  const folder = await cached(
    `kernels/${arch.name}-${series.series}-${key}`,
    0.4,
    async (making) => {
      await provideRequirements(arch)
      await step(`Linux ${series.series} for ${arch.name}`, () => make(series, arch, making))
    },
  )
  return {
    folder,
    release: readFileSync(join(folder, 'release'), 'utf8').trim(),
    image: join(folder, 'kernel'),
    btf: join(folder, 'vmlinux.btf'),
    modules: join(folder, 'modules.ext4'),
  }
}

async function make(series: KernelSeries, arch: Architecture, folder: string): Promise<void> {
  const work = join(folder, 'work')
  await mkdir(work)
  await apt({
    arch: arch.name,
    suite: series.suite,
    ...(series.testing && { testing: true }),
    work,
    script: downloadScript(series.metapackage(arch.name)),
  })
  const packages = readdirSync(join(work, 'debs'))
  const tree = join(work, 'tree')
  for (const name of packages) {
    await command(['dpkg-deb', '-x', join(work, 'debs', name), tree])
  }
  const modules = ['usr/lib/modules', 'lib/modules'].map((at) => join(tree, at)).find(existsSync)
  const release = modules && readdirSync(modules)[0]
  if (!release) throw new HostError(`${packages.join(', ')}: no kernel modules inside`)
  if (!release.startsWith(`${series.series}.`)) {
    throw new HostError(
      `Debian ${series.suite} has Linux ${release} by now, not ${series.series}. ` +
        'Update the table in vm/src/kernels.ts, or choose another LAB_KERNEL.',
    )
  }
  const packaged = [join(tree, 'boot', `vmlinuz-${release}`), join(modules, release, 'vmlinuz')]
  const image = packaged.find(existsSync)
  if (!image) throw new HostError(`${packages.join(', ')}: no kernel inside`)
  const kernel = arch.unpackKernel(readFileSync(image), basename(image))
  writeFileSync(join(folder, 'kernel'), kernel)
  writeFileSync(join(folder, 'vmlinux.btf'), kernelBtf(kernel, basename(image)))
  const config = [join(tree, 'boot', `config-${release}`), join(modules, release, 'config')]
  copyFileSync(config.find(existsSync) ?? '', join(folder, 'config'))
  copyFileSync(join(folder, 'config'), join(modules, release, 'config'))
  await makeModules(modules, release, folder)
  writeFileSync(join(folder, 'release'), `${release}\n`)
  writeFileSync(join(folder, 'packages'), `${packages.join('\n')}\n`)
  rmSync(work, { recursive: true })
}

/**
 * Downloads the kernel that a metapackage names into `debs`. From 7.2 on it is split in several
 * packages. A mirror may lack what its own index lists: then the version before will do.
 */
const downloadScript = (metapackage: string): string => `mkdir debs && cd debs
for version in $(apt-cache madison ${metapackage} | cut -d '|' -f 2); do
  image=$(apt-cache show "${metapackage}=$version" |
    sed -nE 's/^Depends:.* (linux-image-[0-9][^ ,]*).*/\\1/p')
  apt-get -qq download $(apt-cache depends --recurse --important --no-pre-depends \\
    --no-conflicts --no-breaks --no-replaces --no-suggests "$image" |
    grep -E '^linux-(image|binary|modules|base)-[0-9]' | sort -u) && exit 0
  rm -f ./*
done
exit 1
`

/** The package's modules with the indexes that its postinst would have made. */
async function makeModules(modules: string, release: string, folder: string): Promise<void> {
  const base = join(folder, 'work', 'depmod')
  await mkdir(join(base, 'lib'), { recursive: true })
  await command(['mv', modules, join(base, 'lib', 'modules')])
  const env = { PATH: `${process.env['PATH']}:/usr/sbin:/sbin` }
  await command(['depmod', '-b', base, release], { env })
  const content = join(base, 'lib', 'modules')
  await makeDisk(content, join(folder, 'modules.ext4'), {
    content: await sizeOf(content),
    spare: 4,
  })
}
