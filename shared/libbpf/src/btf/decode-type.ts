import { KINDS } from './kinds.ts'
import type { BtfLinkage, BtfMember, BtfType } from './types.ts'

/** Where a type's record and its names are. */
export interface TypeSource {
  readonly words: Uint32Array
  string(offset: number): string
}

const LINKAGE: readonly BtfLinkage[] = ['static', 'global', 'extern']

/** Makes the object for the type whose record (`struct btf_type`) begins at word `at`. */
export function decodeType(source: TypeSource, at: number, id: number): BtfType {
  const word = (index: number): number => source.words[at + index] ?? 0
  const info = word(1)
  const kind = KINDS[(info >>> 24) & 0x1f] ?? 'void'
  const common = { id, name: source.string(word(0)) }
  const record: TypeRecord = { source, word, count: info & 0xffff, flag: info >>> 31 === 1 }
  switch (kind) {
    case 'void':
      return { ...common, kind }
    case 'int':
      return { ...common, kind, ...intOf(record) }
    case 'float':
      return { ...common, kind, size: word(2) }
    case 'ptr':
      return { ...common, kind, type: word(2) }
    case 'typedef':
    case 'volatile':
    case 'const':
    case 'restrict':
    case 'type_tag':
      return { ...common, kind, type: word(2) }
    case 'array':
      return { ...common, kind, type: word(3), indexType: word(4), length: word(5) }
    case 'struct':
    case 'union':
      return { ...common, kind, size: word(2), members: membersOf(record) }
    case 'enum':
    case 'enum64':
      return { ...common, kind, size: word(2), signed: record.flag, values: valuesOf(record, kind) }
    case 'fwd':
      return { ...common, kind, union: record.flag }
    case 'func':
      return { ...common, kind, type: word(2), linkage: LINKAGE[record.count] ?? 'static' }
    case 'func_proto':
      return { ...common, kind, returns: word(2), parameters: parametersOf(record) }
    case 'var':
      return { ...common, kind, type: word(2), linkage: LINKAGE[word(3)] ?? 'static' }
    case 'datasec':
      return { ...common, kind, size: word(2), variables: variablesOf(record) }
    default:
      return { ...common, kind: 'decl_tag', type: word(2), component: word(3) | 0 }
  }
}

interface TypeRecord {
  readonly source: TypeSource
  /** The nth word of the record. */
  readonly word: (index: number) => number
  /** `vlen` */
  readonly count: number
  /** `kind_flag` */
  readonly flag: boolean
}

function intOf({ word }: TypeRecord) {
  const encoding = word(3)
  return {
    size: word(2),
    signed: (encoding & 0x0100_0000) !== 0,
    char: (encoding & 0x0200_0000) !== 0,
    bool: (encoding & 0x0400_0000) !== 0,
    bitOffset: (encoding >>> 16) & 0xff,
    bits: encoding & 0xff,
  }
}

function membersOf({ source, word, count, flag }: TypeRecord): BtfMember[] {
  return Array.from({ length: count }, (_, index) => {
    const offset = word(5 + index * 3)
    return {
      name: source.string(word(3 + index * 3)),
      type: word(4 + index * 3),
      // With kind_flag the top byte is the width of a bitfield.
      bitOffset: flag ? offset & 0xff_ffff : offset,
      bits: flag ? offset >>> 24 : 0,
    }
  })
}

function valuesOf({ source, word, count, flag }: TypeRecord, kind: 'enum' | 'enum64') {
  const width = kind === 'enum' ? 2 : 3
  return Array.from({ length: count }, (_, index) => {
    const at = 3 + index * width
    const low = BigInt(word(at + 1))
    const bits = kind === 'enum' ? 32 : 64
    const raw = kind === 'enum' ? low : (BigInt(word(at + 2)) << 32n) | low
    return { name: source.string(word(at)), value: flag ? BigInt.asIntN(bits, raw) : raw }
  })
}

function parametersOf({ source, word, count }: TypeRecord) {
  return Array.from({ length: count }, (_, index) => ({
    name: source.string(word(3 + index * 2)),
    type: word(4 + index * 2),
  }))
}

function variablesOf({ word, count }: TypeRecord) {
  return Array.from({ length: count }, (_, index) => ({
    type: word(3 + index * 3),
    offset: word(4 + index * 3),
    size: word(5 + index * 3),
  }))
}
