import { BpfError } from '../errors/bpf-error.ts'
import type { MapBase } from '../maps/map.ts'

/** Ids of the maps that this process reads: a second handle to the same map would steal its events. */
const inUse = new Set<number>()

/** The one reader or writer that a map may have. */
export class ReaderSlot {
  #current: { close(): void } | undefined
  #id: number | undefined

  /** @throws {BpfError} if there is one already */
  open<R extends { close(): void; readonly closed: boolean }>(map: MapBase, make: () => R): R {
    const { id } = map
    if (inUse.has(id)) {
      throw new BpfError({
        operation: 'open',
        subject: map.name,
        problem: 'it is open already in this process',
        hint: 'Events go to one reader. Close it first: leave its loop, call close(), or declare it with `using`.',
      })
    }
    const reader = make()
    // An aborted signal closes it at once.
    if (reader.closed) return reader
    inUse.add(id)
    this.#id = id
    this.#current = reader
    return reader
  }

  /** The reader closed itself. */
  free(): void {
    if (this.#id !== undefined) inUse.delete(this.#id)
    this.#id = undefined
    this.#current = undefined
  }

  /** Closes the reader, if there is one. */
  close(): void {
    this.#current?.close()
  }
}
