import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Architecture } from '../arch/arch.ts'
import { cached, keyOf } from '../host/cache.ts'
import { command } from '../host/command.ts'
import { provideRequirements } from '../host/install.ts'
import { step } from '../host/step.ts'
import { furnish } from './furnish.ts'
import { apt } from './apt.ts'
import { makeDisk, rootPartition, sizeOf } from './disk.ts'
import { guestFolder, hashFolder } from './guest-files.ts'
import { pin, suite } from './suite.ts'

/** Changes whenever a root image made by older code would not do. */
const recipe = '4'

export interface Root {
  readonly folder: string
  /** The machine's root disk, shared by all kernels. */
  readonly image: string
  /** Folder with `bpf/*.h` of the libbpf that is in the image. */
  readonly includes: string
  /** The key that opens the machine, and the machine's own public key. */
  readonly key: string
  readonly knownHosts: string
}

/** Builds the machine's root disk, unless the cache has it. */
export async function makeRoot(arch: Architecture): Promise<Root> {
  const key = keyOf(recipe, suite, JSON.stringify(pin), hashFolder(guestFolder))
  const folder = await cached(`roots/${arch.name}-${key}`, 2, async (making) => {
    await provideRequirements(arch)
    await step(`Debian ${suite} root disk for ${arch.name}`, () => make(arch, making))
  })
  return {
    folder,
    image: join(folder, 'root.img'),
    includes: join(folder, 'include'),
    key: join(folder, 'ssh', 'id'),
    knownHosts: join(folder, 'ssh', 'known_hosts'),
  }
}

async function make(arch: Architecture, folder: string): Promise<void> {
  const work = join(folder, 'work')
  const tree = join(work, 'tree')
  mkdirSync(work)
  const packages = readFileSync(join(guestFolder, 'packages'), 'utf8')
  await apt({
    arch: arch.name,
    suite,
    pin,
    include: packages.replaceAll(/#.*$/gm, '').trim().split(/\s+/),
    tree,
    work,
    script:
      'for deb in "$1"/var/cache/apt/archives/*.deb; do dpkg-deb -W "$deb"; done >../packages\n',
  })
  await makeKeys(folder)
  await furnish(tree, arch)
  cpSync(join(guestFolder, 'files'), tree, { recursive: true })
  const etcSsh = join(tree, 'etc', 'ssh')
  copyFileSync(join(folder, 'ssh', 'id.pub'), join(etcSsh, 'authorized_keys'))
  await command(['cp', '-p', join(folder, 'ssh', 'ssh_host_ed25519_key'), etcSsh])
  mkdirSync(join(folder, 'include'))
  cpSync(join(tree, 'usr/include/bpf'), join(folder, 'include/bpf'), { recursive: true })
  const content = await sizeOf(tree)
  await makeDisk(tree, join(folder, 'root.img'), { content, spare: 2048, partition: rootPartition })
  rmSync(work, { recursive: true })
}

async function makeKeys(folder: string): Promise<void> {
  const ssh = join(folder, 'ssh')
  mkdirSync(ssh, { mode: 0o700 })
  for (const name of ['id', 'ssh_host_ed25519_key']) {
    await command([
      'ssh-keygen',
      '-q',
      '-t',
      'ed25519',
      '-N',
      '',
      '-C',
      'ebpf-labs',
      '-f',
      join(ssh, name),
    ])
  }
  const host = readFileSync(join(ssh, 'ssh_host_ed25519_key.pub'), 'utf8')
  writeFileSync(join(ssh, 'known_hosts'), `ebpf-labs ${host}`)
}
