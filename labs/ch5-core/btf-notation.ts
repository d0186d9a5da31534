import { type Btf, type BtfMember, type BtfType, sizeOf } from '@ebpf-labs/libbpf'

/** A type in bpftool's notation (`bpftool btf dump`, raw): its line, and one for each of its members. */
export function notation(btf: Btf, type: BtfType): string[] {
  return [`[${type.id}] ${type.kind.toUpperCase()} ${quoted(type.name)}${rest(btf, type)}`].concat(
    parts(btf, type).map((part) => `\t${part}`),
  )
}

/** Every type of a BTF in bpftool's notation, by id. */
export function allTypes(btf: Btf): Map<number, string[]> {
  return new Map(btf.types().map((type) => [type.id, notation(btf, type)]))
}

/** What type a member, key or parameter has, as C names it; definitions are not repeated. */
export function typeName(btf: Btf, id: number): string {
  const type = btf.type(id)
  switch (type.kind) {
    case 'ptr':
      return isFunction(btf, type.type)
        ? 'function *'
        : `${typeName(btf, type.type)} *`.replace('* *', '**')
    case 'const':
    case 'volatile':
    case 'restrict':
      return btf.type(type.type).kind === 'ptr'
        ? `${typeName(btf, type.type)}${type.kind}`
        : `${type.kind} ${typeName(btf, type.type)}`
    case 'type_tag':
      return typeName(btf, type.type)
    case 'array':
      return `${typeName(btf, type.type)}[${type.length}]`
    case 'struct':
    case 'union':
    case 'enum':
      return `${type.kind} ${type.name || '{…}'}`
    case 'fwd':
      return `${type.union ? 'union' : 'struct'} ${type.name}`
    default:
      return type.name
  }
}

/** Bytes from the start of the struct, and bytes it takes; of a bitfield, `byte:bit` and `N bits`. */
export function placeOf(
  btf: Btf,
  { type, bitOffset, bits }: BtfMember,
): { at: string; size: string } {
  if (bits === 0) return { at: String(bitOffset / 8), size: String(sizeOf(btf, type)) }
  return { at: `${Math.floor(bitOffset / 8)}:${bitOffset % 8}`, size: `${bits} bits` }
}

const isFunction = (btf: Btf, id: number): boolean => btf.type(id).kind === 'func_proto'
const quoted = (name: string): string => `'${name || '(anon)'}'`

function rest(btf: Btf, type: BtfType): string {
  switch (type.kind) {
    case 'int':
      return ` size=${type.size} bits_offset=${type.bitOffset} nr_bits=${type.bits} encoding=${encoding(type)}`
    case 'float':
      return ` size=${type.size}`
    case 'array':
      return ` type_id=${type.type} index_type_id=${type.indexType} nr_elems=${type.length}`
    case 'struct':
    case 'union':
      return ` size=${type.size} vlen=${type.members.length}`
    case 'enum':
    case 'enum64':
      return ` encoding=${type.signed ? 'SIGNED' : 'UNSIGNED'} size=${type.size} vlen=${type.values.length}`
    case 'fwd':
      return ` fwd_kind=${type.union ? 'union' : 'struct'}`
    case 'func':
      return ` type_id=${type.type} linkage=${type.linkage}`
    case 'func_proto':
      return ` ret_type_id=${type.returns} vlen=${type.parameters.length}`
    case 'var':
      return ` type_id=${type.type}, linkage=${type.linkage}`
    case 'datasec':
      return ` size=${type.size} vlen=${type.variables.length}`
    case 'decl_tag':
      return ` type_id=${type.type} component_idx=${type.component}`
    case 'void':
      return ''
    default:
      return ` type_id=${type.type}`
  }
}

function encoding({
  signed,
  char,
  bool,
}: {
  signed: boolean
  char: boolean
  bool: boolean
}): string {
  return signed ? 'SIGNED' : char ? 'CHAR' : bool ? 'BOOL' : '(none)'
}

function parts(btf: Btf, type: BtfType): string[] {
  switch (type.kind) {
    case 'struct':
    case 'union':
      return type.members.map(
        (member) =>
          `${quoted(member.name)} type_id=${member.type} bits_offset=${member.bitOffset}${member.bits > 0 ? ` bitfield_size=${member.bits}` : ''}`,
      )
    case 'enum':
      return type.values.map(({ name, value }) => `${quoted(name)} val=${value}`)
    case 'enum64':
      return type.values.map(
        ({ name, value }) => `${quoted(name)} val=${value}${type.signed ? 'LL' : 'ULL'}`,
      )
    case 'func_proto':
      return type.parameters.map((one) => `${quoted(one.name)} type_id=${one.type}`)
    case 'datasec':
      return type.variables.map(
        (one) =>
          `type_id=${one.type} offset=${one.offset} size=${one.size} (VAR '${btf.type(one.type).name}')`,
      )
    default:
      return []
  }
}
