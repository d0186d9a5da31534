import { BpfError } from '../errors/bpf-error.ts'
import type { Btf } from './btf.ts'
import type { BtfAlias, BtfComposite, BtfType } from './types.ts'

/** Longest chain of typedefs and qualifiers that is followed, twice what libbpf does. */
const DEPTH = 64

const POINTER_SIZE = 8

/** The type behind typedefs and qualifiers (`const`, `volatile`, `restrict`, type tags). */
export function resolve(btf: Btf, id: number): Exclude<BtfType, BtfAlias> {
  let type = btf.type(id)
  for (let depth = 0; depth < DEPTH; depth++) {
    if (!isAlias(type)) return type
    type = btf.type(type.type)
  }
  throw tooDeep(btf, id)
}

/** Whether the type is another one under a name or with a qualifier. */
export function isAlias(type: BtfType): type is BtfAlias {
  switch (type.kind) {
    case 'typedef':
    case 'const':
    case 'volatile':
    case 'restrict':
    case 'type_tag':
      return true
    default:
      return false
  }
}

/**
 * `sizeof`, in bytes; 0 for void, functions and flexible arrays.
 *
 * @throws BpfError for a type that is only declared (`struct x;`).
 */
export function sizeOf(btf: Btf, id: number): number {
  const type = resolve(btf, id)
  switch (type.kind) {
    case 'int':
    case 'float':
    case 'struct':
    case 'union':
    case 'enum':
    case 'enum64':
    case 'datasec':
      return type.size
    case 'ptr':
      return POINTER_SIZE
    case 'array':
      return type.length === 0 ? 0 : type.length * sizeOf(btf, type.type)
    case 'var':
    case 'decl_tag':
      return sizeOf(btf, type.type)
    case 'fwd':
      throw new BpfError({
        operation: 'find size of type',
        subject: type.name,
        problem: `its ${type.union ? 'union' : 'struct'} is only declared, not defined`,
      })
    default:
      return 0
  }
}

/** The alignment the C ABI gives a type, in bytes. */
export function alignOf(btf: Btf, id: number): number {
  const type = resolve(btf, id)
  switch (type.kind) {
    case 'int':
    case 'float':
    case 'enum':
    case 'enum64':
      return Math.max(1, Math.min(type.size, 16))
    case 'ptr':
      return POINTER_SIZE
    case 'array':
    case 'var':
      return alignOf(btf, type.type)
    case 'struct':
    case 'union':
      return isPacked(btf, type) ? 1 : naturalAlign(btf, type)
    default:
      return 1
  }
}

/** Alignments that are known: each is asked for at every level of nesting. */
const naturalAligns = new WeakMap<BtfComposite, number>()

/** What a struct's alignment is unless `__attribute__((packed))` lowers it. */
export function naturalAlign(btf: Btf, struct: BtfComposite): number {
  const known = naturalAligns.get(struct)
  if (known !== undefined) return known
  naturalAligns.set(struct, 1) // in damaged BTF a struct may hold itself
  const aligns = struct.members.map((member) => alignOf(btf, member.type))
  const widest = Math.max(1, ...aligns)
  naturalAligns.set(struct, widest)
  return widest
}

/** Whether a struct breaks the natural layout, so that C needs `__attribute__((packed))` for it. */
export function isPacked(btf: Btf, struct: BtfComposite): boolean {
  if (struct.size % naturalAlign(btf, struct) !== 0) return true
  return struct.members.some(
    (member) => member.bits === 0 && (member.bitOffset / 8) % alignOf(btf, member.type) !== 0,
  )
}

function tooDeep(btf: Btf, id: number): BpfError {
  return new BpfError({
    operation: 'resolve type',
    subject: btf.type(id).name || `id ${id}`,
    expected: `at most ${DEPTH} typedefs and qualifiers`,
    got: 'more, or a loop',
    hint: 'the BTF is damaged: build the object again',
  })
}
