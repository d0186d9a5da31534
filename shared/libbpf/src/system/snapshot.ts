import { readFileSync } from 'node:fs'
import type { ObjectKind } from '../raw/objects.ts'
import { objectIds, openById } from '../raw/objects.ts'
import type { Fd } from '../raw/fd.ts'
import type { Owner } from './owners.ts'
import { findOwners } from './owners.ts'
import { findPins, objectKey } from './pins.ts'

/** What is known of an object beyond what the kernel says of itself. */
export interface Surroundings {
  /** Paths in BPF file systems at which it is pinned. Found when first asked for. */
  readonly pinned: readonly string[]
  /** Processes that hold it open. Found when first asked for. */
  readonly owners: readonly Owner[]
}

/** One walk over a list: its objects share one look at pins and processes. */
export class Snapshot {
  #pins: ReadonlyMap<string, readonly string[]> | undefined
  #owners: ReadonlyMap<string, readonly Owner[]> | undefined

  pinned(kind: ObjectKind, id: number): readonly string[] {
    this.#pins ??= findPins()
    return this.#pins.get(objectKey(kind, id)) ?? []
  }

  owners(kind: ObjectKind, id: number): readonly Owner[] {
    this.#owners ??= findOwners()
    return this.#owners.get(objectKey(kind, id)) ?? []
  }

  /** The surroundings of an object, as properties that are worked out when they are read. */
  around(kind: ObjectKind, id: number): Surroundings {
    const pinned = (): readonly string[] => this.pinned(kind, id)
    const owners = (): readonly Owner[] => this.owners(kind, id)
    return {
      get pinned() {
        return pinned()
      },
      get owners() {
        return owners()
      },
    }
  }
}

/** Copies the properties of an object without reading them. */
function mixin<T extends object, U extends object>(target: T, source: U): T & U {
  Object.defineProperties(target, Object.getOwnPropertyDescriptors(source))
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what defineProperties does
  return target as T & U
}

/**
 * Walks over all objects of a kind. An object that vanishes between its id and its info is left out.
 *
 * @throws BpfError with EPERM unless the caller has CAP_SYS_ADMIN
 */
export function* walk<T extends { readonly id: number }>(
  kind: ObjectKind,
  read: (fd: Fd) => T,
): Generator<T & Surroundings, void, undefined> {
  const snapshot = new Snapshot()
  for (const id of objectIds(kind)) {
    const info = readById(kind, id, read)
    if (info) yield mixin(info, snapshot.around(kind, id))
  }
}

/** Closes the object again before anybody looks who holds it open. */
function readById<T>(kind: ObjectKind, id: number, read: (fd: Fd) => T): T | undefined {
  using fd = openById(kind, id)
  return fd && read(fd)
}

/** Bytes of locked memory that an object takes, as its descriptor says (`memlock` in fdinfo). */
export function memlock(fd: Fd): number {
  const info = readFileSync(`/proc/self/fdinfo/${fd.fd}`, 'latin1')
  return Number(/^memlock:\s*(\d+)$/m.exec(info)?.[1] ?? 0)
}
