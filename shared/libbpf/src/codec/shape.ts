/**
 * What a C type becomes in TypeScript, between BTF and a codec: `codecFor` makes a codec of it at run
 * time, bpf2ts the text of one.
 */
export type Shape =
  | ScalarShape
  | EnumShape
  | BitsShape
  | TextShape
  | NumbersShape
  | ArrayShape
  | CompositeShape

/** Scalars by the name of their codec in scalars.ts. */
export type ScalarName =
  | 'u8'
  | 'i8'
  | 'u16'
  | 'i16'
  | 'u32'
  | 'i32'
  | 'u64'
  | 'i64'
  | 'u64AsNumber'
  | 'i64AsNumber'
  | 'u128'
  | 'i128'
  | 'bool'
  | 'f32'
  | 'f64'

export interface ScalarShape {
  readonly kind: 'scalar'
  readonly scalar: ScalarName
  /** Whether it is a pointer, which decodes as `u64`. */
  readonly pointer?: boolean
}

export interface EnumShape {
  readonly kind: 'enum'
  readonly id: number
  /** Its tag or typedef; empty if it has none. */
  readonly name: string
  readonly scalar: ScalarName
  readonly values: readonly { readonly name: string; readonly value: bigint }[]
  /**
   * Whether the compiler cut 64-bit values to 32 bits: clang before 15 knew no ENUM64, and later
   * ones do not use it where the underlying type is a typedef.
   */
  readonly truncated: boolean
}

/** A bitfield. */
export interface BitsShape {
  readonly kind: 'bits'
  /** First bit, from the member's byte on. */
  readonly start: number
  readonly width: number
  readonly signed: boolean
  readonly as: 'number' | 'bigint' | 'boolean'
  readonly enum?: EnumShape
}

/** `char[length]`; without length a flexible array. */
export interface TextShape {
  readonly kind: 'text'
  readonly length: number | undefined
}

/** An array that becomes a typed array; without length a flexible one. */
export interface NumbersShape {
  readonly kind: 'numbers'
  readonly array: NumberArrayName
  readonly length: number | undefined
}

export type NumberArrayName =
  | 'Uint8Array'
  | 'Int8Array'
  | 'Uint16Array'
  | 'Int16Array'
  | 'Uint32Array'
  | 'Int32Array'
  | 'BigUint64Array'
  | 'BigInt64Array'
  | 'Float32Array'
  | 'Float64Array'

/** Any other array; without length a flexible one. */
export interface ArrayShape {
  readonly kind: 'array'
  readonly element: Shape
  readonly length: number | undefined
}

export interface CompositeShape {
  readonly kind: 'struct' | 'union'
  readonly id: number
  /** Its tag or typedef; empty if it has none. */
  readonly name: string
  readonly size: number
  readonly members: readonly MemberShape[]
}

export interface MemberShape {
  /** Empty for an anonymous struct or union, whose members count as the outer's. */
  readonly name: string
  /** Bytes from the start of the struct. */
  readonly at: number
  readonly shape: Shape
}

/** Bytes a scalar takes. */
export const SCALAR_SIZE: Readonly<Record<ScalarName, number>> = {
  u8: 1,
  i8: 1,
  u16: 2,
  i16: 2,
  u32: 4,
  i32: 4,
  u64: 8,
  i64: 8,
  u64AsNumber: 8,
  i64AsNumber: 8,
  u128: 16,
  i128: 16,
  bool: 1,
  f32: 4,
  f64: 8,
}

/** Bytes a shape takes; a flexible array takes none. */
export function sizeOfShape(shape: Shape): number {
  switch (shape.kind) {
    case 'scalar':
    case 'enum':
      return SCALAR_SIZE[shape.scalar]
    case 'bits':
      return Math.ceil((shape.start + shape.width) / 8)
    case 'text':
      return shape.length ?? 0
    case 'numbers':
      return (shape.length ?? 0) * NUMBER_ARRAY_SIZE[shape.array]
    case 'array':
      return shape.length === undefined ? 0 : shape.length * sizeOfShape(shape.element)
    default:
      return shape.size
  }
}

/** Bytes of one element. */
export const NUMBER_ARRAY_SIZE: Readonly<Record<NumberArrayName, number>> = {
  Uint8Array: 1,
  Int8Array: 1,
  Uint16Array: 2,
  Int16Array: 2,
  Uint32Array: 4,
  Int32Array: 4,
  BigUint64Array: 8,
  BigInt64Array: 8,
  Float32Array: 4,
  Float64Array: 8,
}
