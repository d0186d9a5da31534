import { constants } from 'node:os'
import { BpfError, type ObjectKind, type Owner } from '@ebpf-labs/libbpf'
import { links, maps, objectIds, programs } from '@ebpf-labs/libbpf'

/** A program, map or link that is still there. */
export interface LeftObject {
  kind: ObjectKind
  id: number
  /** `kprobe program 'hello' (id 7)`. */
  label: string
  /** The program of a link. */
  program?: number | undefined
  pinned: readonly string[]
  owners: readonly Owner[]
}

const kinds = ['prog', 'map', 'link'] as const

/** The ids of all programs, maps and links, as `kind id`. The kernel never gives an id twice before it has used them all. */
export function objectKeys(): Set<string> {
  return new Set(kinds.flatMap((kind) => [...objectIds(kind)].map((id) => `${kind} ${id}`)))
}

/**
 * Describes those objects, as far as they are still there. Undefined while somebody is just making a link: the kernel
 * answers EAGAIN until it is settled (bpf_link_by_id() in kernel/bpf/syscall.c).
 */
export function describeObjects(keys: readonly string[]): LeftObject[] | undefined {
  try {
    return describe(keys)
  } catch (error) {
    if (error instanceof BpfError && error.errno === constants.errno.EAGAIN) return undefined
    throw error
  }
}

function describe(keys: readonly string[]): LeftObject[] {
  const wanted = new Set(keys)
  const found: LeftObject[] = []
  const add = (object: LeftObject) => {
    if (wanted.has(`${object.kind} ${object.id}`)) found.push(object)
  }
  if (keys.some((key) => key.startsWith('link')))
    for (const { id, type, programId: program, pinned, owners } of links())
      add({ kind: 'link', id, label: `${type} link ${id}`, program, pinned, owners })
  if (keys.some((key) => key.startsWith('prog')))
    for (const { id, type, name, pinned, owners } of programs())
      add({ kind: 'prog', id, label: `${type} program '${name}' (id ${id})`, pinned, owners })
  if (keys.some((key) => key.startsWith('map')))
    for (const { id, typeName, name, pinned, owners } of maps())
      add({ kind: 'map', id, label: `${typeName} map '${name}' (id ${id})`, pinned, owners })
  return found
}
