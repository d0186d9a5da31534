import { codecOfSize } from '../check-codec.ts'
import type { MapInit } from '../map.ts'
import { perCpu } from '../per-cpu-codec.ts'
import { possibleCpus } from '../possible-cpus.ts'
import { ArrayBase } from './array-map.ts'
import { HashMap } from './hash-map.ts'

function perCpuValue<V, VW>(init: MapInit) {
  const one = codecOfSize<V, VW>(init.codecs?.value, init.valueSize, 'value', init.name)
  return perCpu(one, possibleCpus())
}

/** A hash map, plain or LRU, with one value per possible CPU and key: index them by CPU number. */
export class PerCpuHashMap<K = Uint8Array, V = Uint8Array, KW = K, VW = V> extends HashMap<
  K,
  V[],
  KW,
  VW[]
> {
  constructor(init: MapInit) {
    super(init, undefined, perCpuValue<V, VW>(init))
  }
}

/** An array with one value per possible CPU and index. */
export class PerCpuArrayMap<V = Uint8Array, VW = V> extends ArrayBase<V[], VW[]> {
  constructor(init: MapInit) {
    super(init, perCpuValue<V, VW>(init))
  }
}
