import { fdCodec } from '../fd-codec.ts'
import type { FdSource } from '../fd-codec.ts'
import { indexCodec } from '../index-codec.ts'
import type { MapBase, MapCodecs, MapInit } from '../map.ts'
import { MapType } from '../map-type.ts'
import { KeyedMap } from './keyed-map.ts'

/** Opens a map by its id; given by the caller, because it knows all kinds and this is one of them. */
export type OpenById = (id: number, codecs?: MapCodecs) => MapBase

/**
 * Maps within a map (array_of_maps, hash_of_maps).
 *
 * `set` takes a map or its descriptor; `get` and iteration give ids, `open` the inner map itself.
 */
export class MapOfMaps<K = number, M extends MapBase = MapBase> extends KeyedMap<K, FdSource> {
  readonly #openById: OpenById

  constructor(init: MapInit, openById: OpenById) {
    const isArray = init.type === MapType.array_of_maps
    super(init, isArray ? indexCodec : undefined, fdCodec(init.valueSize))
    this.#openById = openById
  }

  /** Id of the inner map, or undefined if there is none. */
  override get(key: K): number | undefined {
    const id = super.get(key)
    return typeof id === 'number' && id > 0 ? id : undefined
  }

  /**
   * Opens the inner map; close it after use, or write `using inner = outer.open(key)`.
   *
   * @returns undefined if there is none
   * @throws {BpfError} ENOENT if it was replaced and freed in between
   */
  open(key: K): M | undefined {
    const id = this.get(key)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the inner kind is the object's; the type parameter states it
    return id === undefined ? undefined : (this.#openById(id, this.codecs.inner) as M)
  }
}
