import type { Btf } from '../btf/btf.ts'
import { isAlias } from '../btf/layout.ts'
import type { BtfArray, BtfComposite, BtfEnum, BtfInt, BtfMember, BtfType } from '../btf/types.ts'
import type { EnumShape, MemberShape, NumberArrayName, ScalarName, Shape } from './shape.ts'

/** Choices that BTF alone does not settle. */
export interface ShapeOptions {
  /** 64-bit members to decode as number, as `struct.member`. */
  readonly numbers?: ReadonlySet<string>
}

/** The decl tag by which C asks for a number: `__attribute__((btf_decl_tag("ts:number")))`. */
const NUMBER_TAG = 'ts:number'

/** Turns the types of one BTF into shapes, each struct only once. */
export class Shapes {
  readonly #btf: Btf
  readonly #numbers: ReadonlySet<string>
  /** Members (`id:index`) and whole types (`id:-1`) that carry the tag. */
  readonly #tagged: ReadonlySet<string>
  readonly #known = new Map<string, Shape>()

  constructor(btf: Btf, options: ShapeOptions = {}) {
    this.#btf = btf
    this.#numbers = options.numbers ?? new Set()
    this.#tagged = new Set(
      btf
        .findAll(NUMBER_TAG, 'decl_tag')
        .map((tag) => (tag.kind === 'decl_tag' ? `${tag.type}:${tag.component}` : '')),
    )
  }

  /** The shape of a type; what has no size (void, a function) becomes zero bytes. */
  of(id: number): Shape {
    return this.#shape(id, false, '')
  }

  /** The shape of a variable, which may carry the tag itself. */
  ofVariable(variable: Extract<BtfType, { kind: 'var' }>): Shape {
    return this.#shape(variable.type, this.#tagged.has(`${variable.id}:-1`), '')
  }

  #shape(id: number, asNumber: boolean, typedef: string): Shape {
    const type = this.#btf.type(id)
    if (isAlias(type)) {
      const tagged = asNumber || this.#tagged.has(`${type.id}:-1`)
      return this.#shape(type.type, tagged, type.kind === 'typedef' ? type.name : typedef)
    }
    switch (type.kind) {
      case 'int':
        return intShape(type, asNumber)
      case 'ptr':
        return { kind: 'scalar', scalar: asNumber ? 'u64AsNumber' : 'u64', pointer: true }
      case 'float':
        return floatShape(type.size)
      case 'enum':
      case 'enum64':
        return enumShape(type, type.name || typedef)
      case 'array':
        return this.#array(type, type.length)
      case 'struct':
      case 'union':
        return this.#composite(type, type.name || typedef)
      default:
        return { kind: 'numbers', array: 'Uint8Array', length: 0 }
    }
  }

  #array(array: BtfArray, length: number | undefined): Shape {
    const element = this.#btf.type(this.#resolved(array.type))
    if (element.kind === 'int' && element.name === 'char') return { kind: 'text', length }
    const shape = this.#shape(array.type, false, '')
    const typed = shape.kind === 'scalar' ? TYPED_ARRAYS[shape.scalar] : undefined
    if (typed && shape.kind === 'scalar') return { kind: 'numbers', array: typed, length }
    return { kind: 'array', element: shape, length }
  }

  #composite(type: BtfComposite, name: string): Shape {
    const key = `${type.id} ${name}`
    const known = this.#known.get(key)
    if (known) return known
    const members = type.members.flatMap((member, index) => this.#member(type, member, index))
    const shape = { kind: type.kind, id: type.id, name, size: type.size, members }
    this.#known.set(key, shape)
    return shape
  }

  #member(owner: BtfComposite, member: BtfMember, index: number): MemberShape[] {
    const tagged = this.#tagged.has(`${owner.id}:${index}`)
    const asNumber = tagged || this.#numbers.has(`${owner.name}.${member.name}`)
    const type = this.#btf.type(this.#resolved(member.type))
    const at = Math.floor(member.bitOffset / 8)
    const width = member.bits || bitsOfOldBitfield(type)
    if (width > 0) {
      // An unnamed bitfield is padding.
      if (member.name === '') return []
      const start = (member.bitOffset % 8) + (type.kind === 'int' ? type.bitOffset : 0)
      return [{ name: member.name, at, shape: bitsShape(type, start, width) }]
    }
    const isLast = index === owner.members.length - 1
    if (type.kind === 'array' && type.length === 0 && (isLast || owner.kind === 'union')) {
      return [{ name: member.name, at, shape: this.#array(type, undefined) }]
    }
    const isPlace = member.name === '' && type.kind !== 'struct' && type.kind !== 'union'
    if (isPlace) return []
    return [{ name: member.name, at, shape: this.#shape(member.type, asNumber, '') }]
  }

  #resolved(id: number): number {
    const type = this.#btf.type(id)
    return isAlias(type) ? this.#resolved(type.type) : id
  }
}

const TYPED_ARRAYS: Partial<Record<ScalarName, NumberArrayName>> = {
  u8: 'Uint8Array',
  i8: 'Int8Array',
  u16: 'Uint16Array',
  i16: 'Int16Array',
  u32: 'Uint32Array',
  i32: 'Int32Array',
  u64: 'BigUint64Array',
  i64: 'BigInt64Array',
  f32: 'Float32Array',
  f64: 'Float64Array',
}

const INTEGERS: Readonly<Record<number, readonly [unsigned: ScalarName, signed: ScalarName]>> = {
  1: ['u8', 'i8'],
  2: ['u16', 'i16'],
  4: ['u32', 'i32'],
  8: ['u64', 'i64'],
  16: ['u128', 'i128'],
}

function intShape(type: BtfInt, asNumber: boolean): Shape {
  if (type.bool && type.size === 1) return { kind: 'scalar', scalar: 'bool' }
  const [unsigned, signed] = INTEGERS[type.size] ?? ['u8', 'i8']
  const scalar = type.signed ? signed : unsigned
  if (asNumber && scalar === 'u64') return { kind: 'scalar', scalar: 'u64AsNumber' }
  if (asNumber && scalar === 'i64') return { kind: 'scalar', scalar: 'i64AsNumber' }
  return { kind: 'scalar', scalar }
}

/** Before kind_flag, the width of a bitfield was the number of bits of an INT made for it. */
function bitsOfOldBitfield(type: BtfType): number {
  return type.kind === 'int' && type.bits < type.size * 8 && !type.bool ? type.bits : 0
}

function bitsShape(type: BtfType, start: number, width: number): Shape {
  const isEnum = type.kind === 'enum' || type.kind === 'enum64'
  const signed = (isEnum || type.kind === 'int') && type.signed
  if (type.kind === 'int' && type.bool) {
    return { kind: 'bits', start, width, signed: false, as: 'boolean' }
  }
  const as = width > 32 ? 'bigint' : 'number'
  const shape = { kind: 'bits', start, width, signed, as } as const
  return isEnum && type.size <= 4 ? { ...shape, enum: enumShape(type, type.name) } : shape
}

function floatShape(size: number): Shape {
  if (size === 4) return { kind: 'scalar', scalar: 'f32' }
  if (size === 8) return { kind: 'scalar', scalar: 'f64' }
  return { kind: 'numbers', array: 'Uint8Array', length: size }
}

function enumShape(type: BtfEnum, name: string): EnumShape {
  const [unsigned, signed] = INTEGERS[type.size] ?? ['u32', 'i32']
  const scalar = type.signed ? signed : unsigned
  const truncated = type.kind === 'enum' && type.size === 8
  return { kind: 'enum', id: type.id, name, scalar, values: type.values, truncated }
}
