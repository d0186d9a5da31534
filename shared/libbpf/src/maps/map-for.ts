import type { MapOf } from '../skeleton/map-classes.ts'
import type { MapBase } from './map.ts'
import type { MapTypeName } from './map-type.ts'

/**
 * The class of map that options with a type name and codecs lead to: `{ type: 'hash', codecs: { key: u32,
 * value: u64 } }` to `HashMap<number, bigint>`.
 */
export type MapFor<O> = O extends { readonly type: infer T extends MapTypeName }
  ? MapOf<{ readonly type: T } & KeyAndValue<O>>
  : MapBase

type KeyAndValue<O> = O extends { readonly codecs: infer C }
  ? Pick<C, keyof C & ('key' | 'value')>
  : unknown
