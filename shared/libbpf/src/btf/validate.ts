import { BpfError } from '../errors/bpf-error.ts'
import type { Btf } from './btf.ts'
import { malformed } from './header.ts'
import type { BtfKind } from './kinds.ts'
import type { BtfComposite, BtfType } from './types.ts'

/** Deepest nesting of types; the kernel's own limit is 32 (MAX_RESOLVE_DEPTH). */
const DEPTH = 200

/**
 * Checks that types of the BTF itself refer to what exists, nest without end nowhere, and are of
 * the kinds that belong there.
 *
 * @throws BpfError that names the first type where it fails.
 */
export function checkTypes(btf: Btf): void {
  for (const type of btf.types()) {
    checkNames(btf, type)
    for (const id of references(type)) checkReference(btf, type, id)
    checkShape(btf, type)
  }
  checkEnds(btf, contained, 'contains itself')
  checkEnds(btf, inlined, 'refers to itself without a name between')
}

/** Ids of all types that a type mentions. */
export function references(type: BtfType): number[] {
  switch (type.kind) {
    case 'struct':
    case 'union':
      return type.members.map((member) => member.type)
    case 'array':
      return [type.type, type.indexType]
    case 'func_proto':
      return [type.returns, ...type.parameters.map((parameter) => parameter.type)]
    case 'datasec':
      return type.variables.map((variable) => variable.type)
    default:
      return 'type' in type ? [type.type] : []
  }
}

function checkNames(btf: Btf, type: BtfType): void {
  for (const offset of btf.nameOffsets(type.id)) {
    if (offset < btf.stringsLength) continue
    throw broken(type, 'name', `an offset below ${btf.stringsLength}`, `${offset}`)
  }
}

function checkReference(btf: Btf, type: BtfType, id: number): void {
  if (id < btf.length) return
  throw broken(type, 'reference', `a type id below ${btf.length}`, `${id}`)
}

function checkShape(btf: Btf, type: BtfType): void {
  switch (type.kind) {
    case 'int':
      if (![1, 2, 4, 8, 16].includes(type.size) || type.bitOffset + type.bits > type.size * 8) {
        throw broken(type, 'size', '1 to 16 bytes', `${type.bits} bits in ${type.size} bytes`)
      }
      return
    case 'float':
      if (![2, 4, 8, 12, 16].includes(type.size)) {
        throw broken(type, 'size', '2, 4, 8, 12 or 16 bytes', `${type.size}`)
      }
      return
    case 'enum':
    case 'enum64':
      if (![1, 2, 4, 8].includes(type.size)) {
        throw broken(type, 'size', '1, 2, 4 or 8 bytes', `${type.size}`)
      }
      return
    case 'struct':
    case 'union':
      return checkMembers(type)
    case 'array':
      return checkSized(btf, type, type.type)
    case 'var':
      return checkSized(btf, type, type.type)
    case 'func':
      return checkKind(btf, type, type.type, 'func_proto')
    case 'datasec':
      for (const variable of type.variables) checkKind(btf, type, variable.type, 'var')
      return
    default:
  }
}

function checkMembers(type: BtfComposite): void {
  for (const member of type.members) {
    if (member.bits > 64 || member.bitOffset + member.bits > type.size * 8) {
      const bits = `${member.bits || 'a'} bits at ${member.bitOffset}`
      throw broken(type, `member ${member.name}`, `to lie within ${type.size} bytes`, bits)
    }
  }
}

/** Void and functions have no size: neither elements nor variables can be that. */
function checkSized(btf: Btf, type: BtfType, id: number): void {
  const { kind } = btf.type(id)
  const unsized: readonly BtfKind[] = ['void', 'func', 'func_proto', 'var', 'datasec', 'decl_tag']
  // libbpf itself writes 'void' for variables of ksyms that have no type.
  if (type.kind === 'var' && (kind === 'void' || kind === 'func_proto')) return
  if (unsized.includes(kind)) throw broken(type, 'type', 'one with a size', kind)
}

function checkKind(btf: Btf, type: BtfType, id: number, expected: BtfKind): void {
  const { kind } = btf.type(id)
  // The entries of .ksyms and .extern sections may be functions.
  if (kind === expected || (type.kind === 'datasec' && kind === 'func')) return
  throw broken(type, 'reference', `a ${expected}`, kind)
}

/** Types that a type holds by value: a loop among them has no size. */
function contained(btf: Btf, id: number): number[] {
  const type = btf.type(id)
  if (type.kind === 'ptr' || type.kind === 'func_proto' || type.kind === 'func') return []
  return type.kind === 'array' ? [type.type] : references(type)
}

/** Types that are written where they are used, having no name: a loop has no end in C. */
function inlined(btf: Btf, id: number): number[] {
  const type = btf.type(id)
  const hasName = type.name !== '' && type.kind !== 'type_tag'
  return hasName || type.kind === 'datasec' ? [] : references(type)
}

function checkEnds(btf: Btf, next: (btf: Btf, id: number) => number[], problem: string): void {
  const done = new Set<number>()
  const open = new Set<number>()
  const visit = (id: number): void => {
    if (done.has(id) || id === 0 || id < btf.firstId) return
    if (open.has(id) || open.size > DEPTH) {
      const type = btf.type(id)
      throw malformed(label(type), `nesting of at most ${DEPTH} levels`, `a type that ${problem}`)
    }
    open.add(id)
    for (const inner of next(btf, id)) visit(inner)
    open.delete(id)
    done.add(id)
  }
  for (let id = btf.firstId; id < btf.length; id++) visit(id)
}

const label = (type: BtfType): string =>
  `type ${type.id} (${type.kind}${type.name ? ` ${type.name}` : ''})`

const broken = (type: BtfType, part: string, expected: string, got: string): BpfError =>
  malformed(`${part} of ${label(type)}`, expected, got)
