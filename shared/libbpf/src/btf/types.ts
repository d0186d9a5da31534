/** BTF types as objects, one interface per kind (Documentation/bpf/btf.rst, `<linux/btf.h>`). */

interface Common {
  readonly id: number
  /** Empty for an anonymous type. */
  readonly name: string
}

export interface BtfVoid extends Common {
  readonly kind: 'void'
}

export interface BtfInt extends Common {
  readonly kind: 'int'
  /** Bytes. */
  readonly size: number
  readonly signed: boolean
  readonly char: boolean
  readonly bool: boolean
  /** Bits that count, and where they begin: below `size * 8` for a bitfield of old compilers. */
  readonly bits: number
  readonly bitOffset: number
}

export interface BtfFloat extends Common {
  readonly kind: 'float'
  readonly size: number
}

export interface BtfPointer extends Common {
  readonly kind: 'ptr'
  /** Id of the type pointed to; 0 is void. */
  readonly type: number
}

/** A type under another name or with a qualifier. */
export interface BtfAlias extends Common {
  readonly kind: 'typedef' | 'volatile' | 'const' | 'restrict' | 'type_tag'
  readonly type: number
}

export interface BtfArray extends Common {
  readonly kind: 'array'
  readonly type: number
  readonly indexType: number
  readonly length: number
}

export interface BtfMember {
  readonly name: string
  readonly type: number
  /** From the start of the struct, in bits. */
  readonly bitOffset: number
  /** Width of a bitfield, 0 for an ordinary member. */
  readonly bits: number
}

export interface BtfComposite extends Common {
  readonly kind: 'struct' | 'union'
  readonly size: number
  readonly members: readonly BtfMember[]
}

export interface BtfEnum extends Common {
  readonly kind: 'enum' | 'enum64'
  readonly size: number
  readonly signed: boolean
  readonly values: readonly { readonly name: string; readonly value: bigint }[]
}

export interface BtfForward extends Common {
  readonly kind: 'fwd'
  readonly union: boolean
}

export interface BtfFunction extends Common {
  readonly kind: 'func'
  /** Id of its `func_proto`. */
  readonly type: number
  readonly linkage: BtfLinkage
}

export interface BtfFunctionProto extends Common {
  readonly kind: 'func_proto'
  readonly returns: number
  /** The last one of a variadic function has type 0 and no name. */
  readonly parameters: readonly { readonly name: string; readonly type: number }[]
}

export interface BtfVariable extends Common {
  readonly kind: 'var'
  readonly type: number
  readonly linkage: BtfLinkage
}

export interface BtfDataSection extends Common {
  readonly kind: 'datasec'
  /** 0 in an object that was not linked. */
  readonly size: number
  readonly variables: readonly {
    readonly type: number
    readonly offset: number
    readonly size: number
  }[]
}

export interface BtfDeclTag extends Common {
  readonly kind: 'decl_tag'
  /** The type it marks. */
  readonly type: number
  /** The member or parameter of that type it marks, -1 for the whole. */
  readonly component: number
}

export type BtfLinkage = 'static' | 'global' | 'extern'

export type BtfType =
  | BtfVoid
  | BtfInt
  | BtfFloat
  | BtfPointer
  | BtfAlias
  | BtfArray
  | BtfComposite
  | BtfEnum
  | BtfForward
  | BtfFunction
  | BtfFunctionProto
  | BtfVariable
  | BtfDataSection
  | BtfDeclTag

/** The interface that describes each kind. */
export interface BtfTypeByKind {
  void: BtfVoid
  int: BtfInt
  float: BtfFloat
  ptr: BtfPointer
  typedef: BtfAlias
  volatile: BtfAlias
  const: BtfAlias
  restrict: BtfAlias
  type_tag: BtfAlias
  array: BtfArray
  struct: BtfComposite
  union: BtfComposite
  enum: BtfEnum
  enum64: BtfEnum
  fwd: BtfForward
  func: BtfFunction
  func_proto: BtfFunctionProto
  var: BtfVariable
  datasec: BtfDataSection
  decl_tag: BtfDeclTag
}
