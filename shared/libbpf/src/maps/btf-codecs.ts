import { Btf } from '../btf/btf.ts'
import { codecFor } from '../codec/codec-for.ts'
import type { MapInfo } from './info.ts'
import type { MapCodecs } from './map.ts'

/**
 * Codecs made from the BTF that a map was created with, for maps of other programs.
 *
 * @returns nothing where the kernel has no BTF for the map; its keys and values stay bytes
 */
export function codecsFromKernel(info: MapInfo): MapCodecs {
  const { btfId, btfKeyTypeId, btfValueTypeId } = info
  if (btfId === 0) return {}
  const btf = Btf.byId(btfId)
  const codec = (typeId: number, size: number): MapCodecs['key'] => {
    // The value of .bss and its like is a section, which has no type of its own in C.
    if (typeId === 0 || btf.type(typeId).kind === 'datasec') return undefined
    const made = codecFor(btf, typeId)
    // A key such as struct bpf_lpm_trie_key ends in a flexible array: the size says more than the type.
    return made.size === size ? made : undefined
  }
  return {
    key: codec(btfKeyTypeId, info.keySize),
    value: codec(btfValueTypeId, info.valueSize),
  }
}
