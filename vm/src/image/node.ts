import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Architecture } from '../arch/arch.ts'
import { cached, keyOf } from '../host/cache.ts'
import { command } from '../host/command.ts'
import { provideRequirements } from '../host/install.ts'
import { step } from '../host/step.ts'
import { workspace } from '../workspace.ts'
import { makeDisk, sizeOf } from './disk.ts'

/** Changes whenever a disk made by older code would not do. */
const recipe = '1'

/** What npm needs to know of the workspace: each package's package.json and the lock file. */
const manifests = (): string[] =>
  ['package.json', 'package-lock.json', '.npmrc', '{labs,shared}/*/package.json', 'vm/package.json']
    .flatMap((pattern) => globSync(pattern, { cwd: workspace }))
    .sort()

/**
 * What the disk depends on: every package from outside, by version and integrity. A lab that has
 * no dependency of its own changes nothing, and must not cost a new disk and a fresh machine.
 */
function dependencies(): string {
  const lock: { packages?: Record<string, { link?: boolean }> } = JSON.parse(
    readFileSync(join(workspace, 'package-lock.json'), 'utf8'),
  )
  const outside = Object.entries(lock.packages ?? {}).filter(
    ([path, { link }]) => path.includes('node_modules/') && !link,
  )
  const shared = manifests().filter((path) => !path.startsWith('labs/'))
  return JSON.stringify([outside, shared])
}

/** An ext4 disk with the workspace's node_modules for the machine, Node itself among them. */
export async function makeNodeDisk(arch: Architecture): Promise<string> {
  const key = keyOf(recipe, dependencies())
  const folder = await cached(`node/${arch.name}-${key}`, 1.5, async (making) => {
    await provideRequirements(arch)
    await step(`Node and node_modules for ${arch.name}`, () => make(arch, making))
  })
  return join(folder, 'node.ext4')
}

/** What {@link makeNodeArchive} makes. */
export interface NodeArchive {
  /** A tar archive of every node_modules folder of the workspace, relative to it. */
  readonly file: string
  /** Changes with what is in it. */
  readonly key: string
}

/** The same as an archive, for machines whose disks are not of our making. Works on macOS, too. */
export async function makeNodeArchive(arch: Architecture): Promise<NodeArchive> {
  const key = keyOf(recipe, dependencies())
  const folder = await cached(`node-archives/${arch.name}-${key}`, 1, (making) =>
    step(`Node and node_modules for ${arch.name}`, async () => {
      const modules = await install(arch, making)
      await command(['tar', '-cf', join(making, 'node.tar'), '-C', modules, '.'], {
        env: { COPYFILE_DISABLE: '1' },
      })
      rmSync(modules, { recursive: true })
    }),
  )
  return { file: join(folder, 'node.tar'), key }
}

async function make(arch: Architecture, folder: string): Promise<void> {
  const disk = await install(arch, folder)
  const folders = globSync(modulesFolders, { cwd: disk })
  writeFileSync(join(disk, 'folders'), `${folders.join('\n')}\n`)
  await makeDisk(disk, join(folder, 'node.ext4'), { content: await sizeOf(disk), spare: 4 })
  rmSync(disk, { recursive: true })
}

const modulesFolders = '{node_modules,{labs,shared}/*/node_modules,vm/node_modules}'

/**
 * Installs the workspace's packages as a machine is to have them.
 * @returns a folder in `folder` with nothing but node_modules folders, at their places
 */
async function install(arch: Architecture, folder: string): Promise<string> {
  const tree = join(folder, 'tree')
  mkdirSync(tree)
  for (const path of manifests()) {
    mkdirSync(dirname(join(tree, path)), { recursive: true })
    cpSync(join(workspace, path), join(tree, path))
  }
  const target = ['--os=linux', `--cpu=${arch.npmCpu}`, '--libc=glibc']
  // Not `npm ci`: it refuses a lock file that lacks optional packages of *other* platforms, which
  // is what npm writes when the registry did not have them. Versions and integrity come from the
  // lock file all the same.
  await command(
    [
      'npm',
      'install',
      '--no-save',
      '--ignore-scripts',
      '--prefer-offline',
      '--fetch-timeout=60000',
      ...target,
    ],
    { cwd: tree, hint: 'Check the network connection, then run the same command again.' },
  )
  const modules = join(folder, 'modules')
  for (const path of globSync(modulesFolders, { cwd: tree })) {
    mkdirSync(dirname(join(modules, path)), { recursive: true })
    await command(['mv', join(tree, path), join(modules, path)])
  }
  rmSync(tree, { recursive: true })
  return modules
}
