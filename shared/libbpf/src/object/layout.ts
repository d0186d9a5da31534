import { Btf } from '../btf/btf.ts'
import { dataSections } from '../btf/data-sections.ts'
import type { MapDefinition } from '../btf/map-definitions.ts'
import { mapDefinitions } from '../btf/map-definitions.ts'
import { codecOf } from '../codec/codec-for.ts'
import type { NamedMember } from '../codec/composite.ts'
import { Shapes } from '../codec/shape-of.ts'
import type { ElfFile } from '../elf/elf.ts'
import type { MapCodecs } from '../maps/map.ts'
import { sectionKey } from '../skeleton/layout.ts'
import { structOpsLayouts } from '../skeleton/struct-ops.ts'
import type { ObjectCodecs } from './options.ts'

/**
 * Codecs made from the object's own BTF, for what the caller (a skeleton) gave none for.
 * @returns what is known; nothing for an object without BTF
 */
export function deriveCodecs(
  elf: ElfFile,
  bytes: Uint8Array,
  given: ObjectCodecs = {},
): ObjectCodecs {
  if (!elf.section('.BTF') || (given.maps && given.data)) return given
  const btf = Btf.fromElf(bytes)
  const shapes = new Shapes(btf, {})
  return {
    maps: given.maps ?? mapCodecs(btf, shapes),
    data: given.data ?? variableCodecs(elf, btf, shapes),
  }
}

function mapCodecs(btf: Btf, shapes: Shapes): Record<string, MapCodecs> {
  const codec = (id: number | undefined): MapCodecs['key'] =>
    id === undefined ? undefined : codecOf(shapes.of(id))
  const codecsOf = (definition: MapDefinition): MapCodecs => ({
    key: codec(definition.key),
    value: codec(definition.value),
    inner: definition.inner && codecsOf(definition.inner),
  })
  return Object.fromEntries(mapDefinitions(btf).map((map) => [map.name, codecsOf(map)]))
}

function variableCodecs(
  elf: ElfFile,
  btf: Btf,
  shapes: Shapes,
): Record<string, { fields: NamedMember[] }> {
  const sections = dataSections(elf, btf).map((section) => {
    const fields = section.variables.map(({ name, offset, variable }) => ({
      name,
      at: offset,
      codec: codecOf(shapes.ofVariable(variable)),
    }))
    return [sectionKey(section.name), { fields }] as const
  })
  const structOps = structOpsLayouts(btf, shapes).map(({ key, shape }) => {
    const fields = shape.members.map(({ name, at, shape: type }) => ({
      name,
      at,
      codec: codecOf(type),
    }))
    return [key, { fields }] as const
  })
  return Object.fromEntries([...sections, ...structOps])
}
