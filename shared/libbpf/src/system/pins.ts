import type { Dirent } from 'node:fs'
import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { tryBpf } from '../raw/bpf.ts'
import { Fd } from '../raw/fd.ts'
import type { ObjectKind } from '../raw/objects.ts'
import { objectInfo } from '../raw/objects.ts'

/** Names of the anonymous inodes behind BPF descriptors (kernel/bpf/syscall.c, kernel/bpf/btf.c). */
const INODES: Readonly<Record<string, ObjectKind>> = {
  'anon_inode:bpf-prog': 'prog',
  'anon_inode:bpf-map': 'map',
  'anon_inode:bpf_link': 'link',
  'anon_inode:btf': 'btf',
}

/** Which kind of BPF object a descriptor of a process stands for, by its link in /proc; undefined for others. */
export function kindOfLink(link: string): ObjectKind | undefined {
  return INODES[link.replace(/^anon_inode:\[?([\w-]+)\]?$/, 'anon_inode:$1')]
}

/** Key of an object in the tables of pins and owners: `map 12`. */
export function objectKey(kind: ObjectKind, id: number): string {
  return `${kind} ${id}`
}

/** Paths at which objects are pinned, by {@link objectKey}; all BPF file systems of this mount namespace. */
export function findPins(): ReadonlyMap<string, readonly string[]> {
  const pins = new Map<string, string[]>()
  for (const root of bpfFileSystems()) {
    for (const path of files(root)) {
      const key = pinnedObject(path)
      if (key === undefined) continue
      const paths = pins.get(key)
      if (paths === undefined) pins.set(key, [path])
      else if (!paths.includes(path)) paths.push(path)
    }
  }
  return pins
}

/** Mount points of type bpf, each once. */
function bpfFileSystems(): readonly string[] {
  const roots = new Set<string>()
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [before = '', after = ''] = line.split(' - ')
    const point = before.split(' ')[4]
    if (!after.startsWith('bpf ') || point === undefined) continue
    // Blanks in paths are written as octal escapes (proc_pid_mountinfo(5)).
    roots.add(
      point.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))),
    )
  }
  return [...roots]
}

function* files(folder: string): Generator<string, void, undefined> {
  for (const entry of entriesOf(folder)) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* files(path)
    else yield path
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if (isGone(error)) return []
    throw error
  }
}

function pinnedObject(path: string): string | undefined {
  const result = tryBpf('BPF_OBJ_GET', { pathname: path })
  if (result < 0) return undefined // Unpinned meanwhile, or no BPF object.
  using fd = new Fd(result, `pin ${path}`)
  const kind = kindOfLink(readlinkSync(`/proc/self/fd/${fd.fd}`))
  return kind && objectKey(kind, objectInfo(kind, fd).u32('id'))
}

/** Whether a file or process went away, or is not ours to look into: a list leaves it out. */
export function isGone(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM'
}
