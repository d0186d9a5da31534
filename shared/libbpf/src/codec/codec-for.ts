import type { Btf } from '../btf/btf.ts'
import { array, typedArray } from './arrays.ts'
import { bits, boolBits, wideBits } from './bits.ts'
import { chars } from './chars.ts'
import type { Codec } from './codec.ts'
import { type Composite, type Member, overlay, struct, union } from './composite.ts'
import { restArray, restChars, restTypedArray } from './flexible.ts'
import { SCALARS } from './scalars.ts'
import type { BitsShape, CompositeShape, MemberShape, NumbersShape, Shape } from './shape.ts'
import { type ShapeOptions, Shapes } from './shape-of.ts'

/**
 * The codec of a BTF type, made at run time; bpf2ts writes faster ones that decode to the same.
 *
 * Integers up to 32 bits become number, wider ones and pointers bigint, `char[]` string, other number
 * arrays typed arrays, structs and unions objects.
 */
export function codecFor(btf: Btf, typeId: number, options: ShapeOptions = {}): Codec<unknown> {
  return codecOf(new Shapes(btf, options).of(typeId))
}

/** The codec of a shape. */
export function codecOf(shape: Shape): Codec<any> {
  switch (shape.kind) {
    case 'scalar':
    case 'enum':
      return SCALARS[shape.scalar]
    case 'bits':
      return bitsCodec(shape)
    case 'text':
      return shape.length === undefined ? restChars : chars(shape.length)
    case 'numbers':
      return numbersCodec(shape)
    case 'array': {
      const element = codecOf(shape.element)
      return shape.length === undefined ? restArray(element) : array(element, shape.length)
    }
    default:
      return compositeCodec(shape)
  }
}

const made = new WeakMap<CompositeShape, Composite>()

/** The codec of a struct or union; the same one for the same shape. */
export function compositeCodec(shape: CompositeShape): Composite {
  const known = made.get(shape)
  if (known) return known
  const make = shape.kind === 'struct' ? struct : union
  const codec = make(shape.size, shape.members.map(memberCodec))
  made.set(shape, codec)
  return codec
}

function memberCodec({ name, at, shape }: MemberShape): Member {
  if (name !== '') return { name, at, codec: codecOf(shape) }
  if (shape.kind === 'union') return { at, codec: anonymousUnion(shape) }
  if (shape.kind === 'struct') return { at, codec: compositeCodec(shape) }
  throw new TypeError(`only structs and unions are anonymous members, not ${shape.kind}`)
}

const anonymousUnion = ({ size, members }: CompositeShape): Composite =>
  overlay(size, members.map(memberCodec))

function bitsCodec({ start, width, signed, as }: BitsShape): Codec<any> {
  if (as === 'boolean') return boolBits(start, width)
  return as === 'bigint' ? wideBits(start, width, signed) : bits(start, width, signed)
}

const ARRAYS = {
  Uint8Array,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  BigUint64Array,
  BigInt64Array,
  Float32Array,
  Float64Array,
}

function numbersCodec({ array: name, length }: NumbersShape): Codec<any> {
  const type = ARRAYS[name]
  return length === undefined ? restTypedArray<any>(type) : typedArray<any>(type, length)
}
