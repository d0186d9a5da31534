import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import type { ObjectKind } from '../raw/objects.ts'
import { isGone, kindOfLink, objectKey } from './pins.ts'

/** A process that holds an object open. */
export interface Owner {
  readonly pid: number
  /** Name of its main thread, at most 15 bytes. */
  readonly comm: string
}

/** Which line of /proc/<pid>/fdinfo/<fd> has the id (bpf_prog_show_fdinfo and its likes). */
const ID_LINES: Readonly<Record<ObjectKind, RegExp>> = {
  prog: /^prog_id:\s*(\d+)$/m,
  map: /^map_id:\s*(\d+)$/m,
  link: /^link_id:\s*(\d+)$/m,
  btf: /^btf_id:\s*(\d+)$/m,
}

/** The processes that hold objects open, by object; those that end meanwhile are left out. */
export function findOwners(): ReadonlyMap<string, readonly Owner[]> {
  const owners = new Map<string, Owner[]>()
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const held = heldBy(entry)
    if (held.size === 0) continue
    const owner = {
      pid: Number(entry),
      comm: attempt(() => readFileSync(`/proc/${entry}/comm`, 'utf8').trim()) ?? '',
    }
    for (const key of held) {
      const list = owners.get(key)
      if (list === undefined) owners.set(key, [owner])
      else list.push(owner)
    }
  }
  return owners
}

function heldBy(pid: string): Set<string> {
  const held = new Set<string>()
  for (const fd of attempt(() => readdirSync(`/proc/${pid}/fd`)) ?? []) {
    const link = attempt(() => readlinkSync(`/proc/${pid}/fd/${fd}`))
    const kind = link === undefined ? undefined : kindOfLink(link)
    if (kind === undefined) continue
    const info = attempt(() => readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1'))
    const id = ID_LINES[kind].exec(info ?? '')?.[1]
    if (id !== undefined) held.add(objectKey(kind, Number(id)))
  }
  return held
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}
