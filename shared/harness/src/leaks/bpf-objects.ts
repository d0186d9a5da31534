import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { bpftool } from '../bpftool.ts'
import { codeOf } from '../process/error-code.ts'

/** A program, map or link in the kernel. */
export interface BpfEntry {
  kind: 'program' | 'map' | 'link'
  id: number
  /** Name of a program or map; empty for a link. */
  name: string
  type: string
  /** The program of a link. */
  program?: number | undefined
}

/** A process that keeps a BPF object alive through a file descriptor. */
export interface Holder {
  pid: number
  comm: string
}

interface Listed {
  id: number
  name?: string
  type?: string
  prog_id?: number
}

const commands = { program: 'prog', map: 'map', link: 'link' } as const

/** Every program, map and link in the kernel, by `kind id`. */
export async function bpfEntries(): Promise<Map<string, BpfEntry>> {
  const kinds = ['program', 'map', 'link'] as const
  const lists = await Promise.all(
    kinds.map(async (kind) => {
      const listed = await bpftool<Listed[] | null>(commands[kind], 'list')
      return (listed ?? []).map(({ id, name = '', type = '', prog_id: program }): BpfEntry => {
        return { kind, id, name, type, program }
      })
    }),
  )
  return new Map(lists.flat().map((entry) => [keyOf(entry), entry]))
}

/** The key of an object in {@link bpfEntries} and {@link bpfHolders}. */
export function keyOf({ kind, id }: Pick<BpfEntry, 'kind' | 'id'>): string {
  return `${kind} ${id}`
}

/**
 * Which processes hold which BPF object, by `kind id`: from /proc/PID/fdinfo, where the kernel writes `prog_id`, `map_id` and
 * `link_id` (bpf_prog_show_fdinfo() and its like in kernel/bpf/syscall.c).
 */
export function bpfHolders(): Map<string, Holder[]> {
  const holders = new Map<string, Holder[]>()
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    for (const key of heldBy(pid)) {
      const holder = { pid: Number(pid), comm: commOf(pid) }
      holders.set(key, [...(holders.get(key) ?? []), holder])
    }
  }
  return holders
}

function heldBy(pid: string): Set<string> {
  const keys = new Set<string>()
  for (const fd of orEmpty(() => readdirSync(`/proc/${pid}/fd`))) {
    const target = orEmpty(() => [readlinkSync(`/proc/${pid}/fd/${fd}`)])[0] ?? ''
    if (!target.startsWith('anon_inode:bpf')) continue
    const [info = ''] = orEmpty(() => [readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8')])
    // The link's own fdinfo names its program too: only the first match says what the descriptor is.
    const kinds = { link_id: 'link', prog_id: 'program', map_id: 'map' } as const
    for (const [field, kind] of Object.entries(kinds)) {
      const id = new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(info)?.[1]
      if (id === undefined) continue
      keys.add(keyOf({ kind, id: Number(id) }))
      break
    }
  }
  return keys
}

function commOf(pid: string): string {
  return orEmpty(() => [readFileSync(`/proc/${pid}/comm`, 'utf8').trim()])[0] ?? 'a process'
}

/** Processes and descriptors vanish while one looks at them. */
function orEmpty<T>(look: () => T[]): T[] {
  try {
    return look()
  } catch (error) {
    const code = codeOf(error) ?? ''
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(code)) return []
    throw error
  }
}
