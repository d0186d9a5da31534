import { createMap } from './create.ts'
import type { CreateMapOptions } from './create.ts'
import { MapBase } from './map.ts'
import type { MapCodecs } from './map.ts'
import { openMapById, openPinnedMap } from './open.ts'
import type { MapFor } from './map-for.ts'
import type { ExistingMapOptions } from './open.ts'

/** Any BPF map, and the ways to come by one besides loading an object. */
export abstract class BpfMap extends MapBase {
  /** Creates a map, see {@link createMap}. */
  static create<const O extends CreateMapOptions>(options: O): MapFor<O> {
    return createMap(options)
  }

  /** Opens a pinned map, see {@link openPinnedMap}. */
  static openPinned<const O extends ExistingMapOptions>(path: string, options?: O): MapFor<O> {
    return openPinnedMap(path, options)
  }

  /** Opens a map by its id, see {@link openMapById}. */
  static openById(id: number, codecs?: MapCodecs): MapBase {
    return openMapById(id, codecs)
  }

  /** Every kind of map is one, whatever its own class. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof MapBase
  }
}
