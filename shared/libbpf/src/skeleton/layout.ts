import { Btf } from '../btf/btf.ts'
import { type DataSection, dataSections } from '../btf/data-sections.ts'
import { type MapDefinition, mapDefinitions } from '../btf/map-definitions.ts'
import { type ShapeOptions, Shapes } from '../codec/shape-of.ts'
import { ShapeDigests, digest } from '../codec/shape-digest.ts'
import type { CompositeShape, Shape } from '../codec/shape.ts'
import { parseElf } from '../elf/elf.ts'
import { type ElfProgram, elfPrograms } from '../elf/programs.ts'
import { structOpsLayouts } from './struct-ops.ts'

/** Everything of an object file that its skeleton speaks of. */
export interface ObjectLayout {
  readonly btf: Btf
  readonly shapes: Shapes
  readonly maps: readonly MapLayout[]
  readonly programs: readonly ElfProgram[]
  readonly sections: readonly SectionLayout[]
  /** Changes when a key, value or variable lies in memory differently. */
  readonly hash: string
}

export interface MapLayout {
  readonly definition: MapDefinition
  readonly key: Shape | undefined
  readonly value: Shape | undefined
  readonly inner: MapLayout | undefined
}

export interface SectionLayout {
  /** As in `spec.data`: `rodata`, `data_custom`, or the name of a struct_ops map. */
  readonly key: string
  /** The section as a struct of its variables. */
  readonly shape: CompositeShape
}

/**
 * Reads what a skeleton needs from an object file.
 *
 * @throws BpfError when it is not a BPF object, has no BTF, or is damaged.
 */
export function objectLayout(bytes: Uint8Array, options: ShapeOptions = {}): ObjectLayout {
  const elf = parseElf(bytes)
  const btf = Btf.fromElf(bytes)
  const shapes = new Shapes(btf, options)
  const maps = mapDefinitions(btf).map((definition) => mapLayout(shapes, definition))
  const sections = [
    ...dataSections(elf, btf).map((section) => sectionLayout(shapes, section)),
    ...structOpsLayouts(btf, shapes),
  ]
  return { btf, shapes, maps, programs: elfPrograms(elf), sections, hash: hashOf(maps, sections) }
}

function mapLayout(shapes: Shapes, definition: MapDefinition): MapLayout {
  const { key, value, inner } = definition
  return {
    definition,
    key: key === undefined ? undefined : shapes.of(key),
    value: value === undefined ? undefined : shapes.of(value),
    inner: inner && mapLayout(shapes, inner),
  }
}

function sectionLayout(shapes: Shapes, section: DataSection): SectionLayout {
  const members = section.variables.map(({ name, offset, variable }) => ({
    name,
    at: offset,
    shape: shapes.ofVariable(variable),
  }))
  const key = sectionKey(section.name)
  const shape = { kind: 'struct', id: 0, name: key, size: section.size, members } as const
  return { key, shape }
}

/** `.data.custom` → `data_custom`, `.addr_space.1` → `arena`, as libbpf's skeletons name them. */
export const sectionKey = (section: string): string =>
  section === '.addr_space.1'
    ? 'arena'
    : section.replace(/^\./, '').replaceAll(/[^A-Za-z0-9_$]/g, '_')

function hashOf(maps: readonly MapLayout[], sections: readonly SectionLayout[]): string {
  const digests = new ShapeDigests()
  const describeMap = ({ definition, key, value, inner }: MapLayout): string => {
    const { name, type, keySize, valueSize } = definition
    const parts = [name, type, keySize, valueSize, digests.of(key), digests.of(value)]
    return `${parts.join(' ')}${inner ? ` [${describeMap(inner)}]` : ''}`
  }
  const lines = [
    ...maps.map((map) => `map ${describeMap(map)}`),
    ...sections.map(({ key, shape }) => `data ${key} ${digests.of(shape)}`),
  ]
  return digest(lines.toSorted().join('\n'))
}
