import { existsSync, readdirSync, realpathSync, statfsSync } from 'node:fs'
import { release } from 'node:os'
import { basename, join } from 'node:path'
import { HostError } from '../errors.ts'
import { unmetNeeds } from './features.ts'

/** One thing that keeps labs from running right here, with the command that mends it, if one does. */
export interface Lack {
  readonly what: string
  readonly detail: string
  readonly remedy?: string
}

/** What is looked at; tests look elsewhere. */
export interface Place {
  /** The root of the file system. */
  readonly root: string
  readonly uid: number | undefined
  readonly platform: NodeJS.Platform
}

const here: Place = { root: '/', uid: process.getuid?.(), platform: process.platform }

// statfs(2)'s f_type, linux/magic.h
const magics = { bpf: 0xca_fe_4a_11, tracefs: 0x74_72_61_63 }

/** What this computer lacks for labs to run in place, the most fundamental first. */
export function lacksForNative(place = here): Lack[] {
  const { root, uid, platform } = place
  if (platform !== 'linux') {
    return [{ what: 'Linux', detail: `labs need a Linux kernel, and this is ${platform}` }]
  }
  const lacks: Lack[] = []
  if (uid !== 0) {
    const remedy = 'sudo -E env "PATH=$PATH" LAB_VM=native npx nx test ch2-hello'
    lacks.push({ what: 'root', detail: 'only root may load every kind of program', remedy })
  }
  if (!existsSync(join(root, 'sys/kernel/btf/vmlinux'))) {
    const detail = `this kernel, ${release()}, has no BTF (/sys/kernel/btf/vmlinux)`
    lacks.push({ what: 'BTF', detail, remedy: 'LAB_VM=qemu npm run vm -- setup' })
  }
  const mounted = [
    ['bpf', 'sys/fs/bpf', 'mount -t bpf bpf /sys/fs/bpf'],
    ['tracefs', 'sys/kernel/tracing', 'mount -t tracefs tracefs /sys/kernel/tracing'],
  ] as const
  for (const [what, path, remedy] of mounted) {
    if (isMounted(join(root, path), magics[what])) continue
    const sudo = uid === 0 ? '' : 'sudo '
    lacks.push({ what, detail: `nothing of it is mounted at /${path}`, remedy: sudo + remedy })
  }
  const libbpf = libbpfLack(root)
  if (libbpf) lacks.push(libbpf)
  return lacks
}

/**
 * Makes sure that commands of a package can run right here.
 * @param folder the package's, whose programs tell what they need of the kernel
 * @throws HostError that lists all that is missing.
 */
export function requireNative(folder: string, place = here): void {
  const lacks = lacksForNative(place)
  const needs = unmetNeeds(folder, place.root).map(({ feature, sources }): Lack => ({
    what: feature.name,
    detail: `this kernel, ${release()}, has none, and ${basename(folder)} needs them: ${sources.join(', ')}`,
  }))
  const all = [...lacks, ...needs]
  if (all.length === 0) return
  const lines = all.map(
    ({ what, detail, remedy }) => `  ${what}: ${detail}${remedy ? `\n      ${remedy}` : ''}`,
  )
  throw new HostError(
    `LAB_VM=native: this computer lacks what it takes.\n${lines.join('\n')}\nWithout LAB_VM, labs get a machine that has it all.`,
  )
}

function isMounted(path: string, magic: number): boolean {
  try {
    return statfsSync(path).type === magic
  } catch {
    return false
  }
}

/** libbpf before 1.0 has another interface; newer ones have more functions, which say so themselves. */
function libbpfLack(root: string): Lack | undefined {
  const chosen = process.env['LIBBPF_SO']
  const version = chosen ? versionOf(chosen) : newestLibbpf(root)
  const remedy = 'apt-get install -y libbpf1   # or your distribution’s libbpf 1'
  const what = 'libbpf'
  if (version === undefined) {
    const detail = chosen ? `LIBBPF_SO=${chosen} is not there` : 'libbpf.so.1 is not installed'
    return { what, detail, remedy: chosen ? 'unset LIBBPF_SO' : remedy }
  }
  if (Number.parseInt(version, 10) >= 1) return undefined
  return { what, detail: `1.0 or newer is needed, and this is ${version}`, remedy }
}

function newestLibbpf(root: string): string | undefined {
  const folders = ['usr/lib64', 'lib64', 'usr/lib', 'usr/local/lib', 'usr/local/lib64']
  for (const folder of readdirOr(join(root, 'usr/lib'))) {
    if (folder.endsWith('-linux-gnu')) folders.unshift(`usr/lib/${folder}`)
  }
  const found = folders.flatMap((folder) =>
    readdirOr(join(root, folder))
      .filter((name) => /^libbpf\.so\.\d+$/.test(name))
      .map((name) => versionOf(join(root, folder, name)) ?? ''),
  )
  return found.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1)
}

/** As the name of the file behind the link says it: libbpf.so.1 → libbpf.so.1.7.0. */
function versionOf(path: string): string | undefined {
  try {
    return /\.so\.([\d.]+)$/.exec(realpathSync(path))?.[1] ?? '1'
  } catch {
    return undefined
  }
}

function readdirOr(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
