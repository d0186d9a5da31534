import type { Btf } from '../btf/btf.ts'
import { structOpsVariables } from '../btf/map-definitions.ts'
import type { Shapes } from '../codec/shape-of.ts'
import type { CompositeShape, MemberShape, Shape } from '../codec/shape.ts'

/**
 * The values of each struct_ops map, as if they were a section of variables: the members of its struct that are not
 * pointers. Functions are libbpf's to fill in.
 */
export function structOpsLayouts(
  btf: Btf,
  shapes: Shapes,
): { key: string; shape: CompositeShape }[] {
  return structOpsVariables(btf).flatMap(({ name, type }) => {
    const whole = shapes.of(type)
    if (whole.kind !== 'struct') return []
    const members = whole.members.filter(isPlain)
    if (members.length === 0) return []
    return [{ key: name, shape: { ...whole, id: 0, name, members } }]
  })
}

const isPlain = ({ name, shape }: MemberShape): boolean => name !== '' && !hasPointer(shape)

function hasPointer(shape: Shape): boolean {
  switch (shape.kind) {
    case 'scalar':
      return shape.pointer === true
    case 'array':
      return hasPointer(shape.element)
    case 'struct':
    case 'union':
      return shape.members.some((member) => hasPointer(member.shape))
    default:
      return false
  }
}
