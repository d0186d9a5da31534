import type { MapBase } from '../src/maps/map.ts'
import type { BpfObject } from '../src/object/bpf-object.ts'

/** The map of an object, which must be of a class. */
export function mapOf<M extends MapBase>(
  object: BpfObject,
  name: string,
  type: abstract new (...args: never[]) => M,
): M {
  const map = object.map(name)
  if (map instanceof type) return map
  throw new Error(`${name} is no ${type.name}`)
}
