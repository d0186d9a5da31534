import { constants } from 'node:os'
import { BpfError } from '../errors/bpf-error.ts'
import { UnsupportedError } from '../errors/unsupported-error.ts'
import { MapFlag } from './flags.ts'
import { MapType, mapTypeName } from './map-type.ts'

export const { ENOENT, EEXIST, E2BIG, EPERM, EINVAL, EBUSY, ENOSPC, ENOMEM, EOPNOTSUPP, EAGAIN } =
  constants.errno
export const { EINTR } = constants.errno
/** "Operation is not supported" inside the kernel, which bpf(2) lets through (linux/errno.h). */
export const ENOTSUPP = 524

/** What an error about a map needs to know of it. */
export interface MapFacts {
  readonly name: string
  readonly type: number
  readonly maxEntries: number
  readonly flags: number
}

/** Whether an error number says that this map type or this kernel does not have the operation. */
export function isUnsupported(errno: number): boolean {
  const n = Math.abs(errno)
  return n === ENOTSUPP || n === EOPNOTSUPP
}

/** The error of a failed element operation, with the cause that fits this map. */
export function elementError(operation: string, map: MapFacts, errno: number): BpfError {
  if (isUnsupported(errno)) {
    return new UnsupportedError({
      feature: `"${operation}" on ${mapTypeName(map.type)} maps`,
      needs: {},
      operation,
      subject: map.name,
      errno,
    })
  }
  return new BpfError({ operation, subject: map.name, errno, hint: hintFor(map, Math.abs(errno)) })
}

function hintFor(map: MapFacts, errno: number): string | undefined {
  switch (errno) {
    case E2BIG:
      return `The map is full: max_entries is ${map.maxEntries}. Delete entries, make it larger before it is loaded, or use an LRU type.`
    case EEXIST:
      return "The key is there already; mode 'any' or 'exist' replaces its value."
    case ENOENT:
      return "There is no such entry; mode 'any' or 'noexist' adds it."
    case EPERM:
      return permissionHint(map)
    case EBUSY:
      return 'A BPF program holds the lock of this bucket, or the map is in use: try again.'
    case ENOMEM:
      return 'The kernel has no memory for the entry.'
    case EINVAL:
      return map.type === MapType.array || map.type === MapType.percpu_array
        ? 'Entries of an array always exist: they can be set, not added or deleted.'
        : undefined
    default:
      return undefined
  }
}

function permissionHint(map: MapFacts): string {
  if (map.flags & MapFlag.readOnly) return 'The map was opened or created read-only.'
  if (map.flags & MapFlag.writeOnly) return 'The map was opened or created write-only.'
  return 'The map is frozen, or this process lacks CAP_BPF: run it as root.'
}
