import { BpfError } from '../errors/bpf-error.ts'
import type { Btf } from './btf.ts'
import { CNames } from './format-names.ts'
import { memberLines } from './format-members.ts'
import { isAlias } from './layout.ts'
import type { BtfFunctionProto, BtfType } from './types.ts'

/**
 * A type as C writes it: the definition of a struct, union, enum or typedef, the prototype of a
 * function, the declaration of a variable.
 */
export function formatType(btf: Btf, id: number): string {
  return new CFormatter(btf).definition(id)
}

/**
 * A type with everything it needs before it, in an order that compiles.
 *
 * @throws BpfError when the types contain each other without end.
 */
export function formatWithDependencies(btf: Btf, id: number): string {
  const formatter = new CFormatter(btf)
  formatter.define(id)
  return formatter.text
}

/** Writes types of one BTF as C. */
export class CFormatter {
  readonly #btf: Btf
  readonly #names: CNames
  readonly #parts: string[] = []
  readonly #defined = new Set<number>()
  /** Those whose every part is defined, too: a typedef can be written before the struct that it names. */
  readonly #complete = new Set<number>()
  readonly #declared = new Set<number>()
  #depth = 0

  constructor(btf: Btf) {
    this.#btf = btf
    this.#names = new CNames(btf)
  }

  /** What was defined so far. */
  get text(): string {
    return this.#parts.join('\n\n')
  }

  /** Adds the definition of a type and, before it, of what it holds by value. */
  define(id: number): void {
    if (this.#complete.has(id)) return
    this.#complete.add(id)
    const written = this.#defined.has(id)
    this.#defined.add(id)
    if (++this.#depth > 1000) throw tooDeep(this.#btf.type(id))
    const type = this.#btf.type(id)
    for (const inner of innerTypes(type)) this.#need(inner, type.kind === 'ptr')
    if (isDefinition(type) && !written) this.#parts.push(this.definition(id))
    this.#depth--
  }

  /** A behind-a-pointer struct needs to be declared only; everything else by name. */
  #need(id: number, behindPointer: boolean): void {
    const type = this.#btf.type(id)
    const isStruct = type.kind === 'struct' || type.kind === 'union'
    if (isStruct && type.name !== '' && behindPointer) return this.#declare(type)
    if (type.kind === 'fwd') return this.#declare(type)
    if (isDefinition(type) || isStruct) {
      if (!behindPointer || type.kind !== 'typedef') return this.define(id)
      // A typedef of a struct, seen through a pointer: `typedef struct x x_t` needs no more of x.
      if (this.#defined.has(id)) return
      this.#defined.add(id)
      this.#need(type.type, true)
      this.#parts.push(this.definition(id))
      return
    }
    const through = behindPointer || type.kind === 'ptr' || type.kind === 'func_proto'
    for (const inner of innerTypes(type)) this.#need(inner, through)
  }

  #declare(type: BtfType): void {
    if (this.#declared.has(type.id) || this.#defined.has(type.id)) return
    this.#declared.add(type.id)
    this.#parts.push(`${this.#tag(type)};`)
  }

  /** The definition of one type, without what it needs. */
  definition(id: number): string {
    const type = this.#btf.type(id)
    switch (type.kind) {
      case 'struct':
      case 'union':
      case 'enum':
      case 'enum64':
        return `${this.#body(type, '')};`
      case 'fwd':
        return `${this.#tag(type)};`
      case 'typedef':
        return `typedef ${this.declare(type.type, this.#names.of(type))};`
      case 'func':
        return `${type.linkage === 'global' ? '' : `${type.linkage} `}${this.declare(type.type, type.name)};`
      case 'var':
        return `${type.linkage === 'global' ? '' : `${type.linkage} `}${this.declare(type.type, type.name)};`
      case 'datasec':
        return this.#section(type)
      default:
        return `${this.declare(id, '')};`
    }
  }

  /** A declaration of `name` (or of `*name`, `name[4]`) with a type. */
  declare(id: number, name: string, indent = ''): string {
    const type = this.#btf.type(id)
    switch (type.kind) {
      case 'ptr':
        return this.#pointer(type.type, name, indent)
      case 'array':
        return this.declare(type.type, `${name}[${type.length}]`, indent)
      case 'func_proto':
        return this.declare(type.returns, `${name}(${this.#parameters(type)})`, indent)
      case 'const':
      case 'volatile':
      case 'restrict':
        return this.#qualified(type.kind, type.type, name, indent)
      case 'type_tag':
        return this.declare(
          type.type,
          spaced(`__attribute__((btf_type_tag("${type.name}")))`, name),
          indent,
        )
      case 'func':
      case 'decl_tag':
        return this.declare(type.type, name, indent)
      case 'struct':
      case 'union':
      case 'enum':
      case 'enum64':
        return spaced(type.name === '' ? this.#body(type, indent) : this.#tag(type), name)
      case 'fwd':
        return spaced(this.#tag(type), name)
      default:
        return spaced(this.#names.of(type), name)
    }
  }

  #pointer(target: number, name: string, indent: string): string {
    const { kind } = this.#unqualified(target)
    const isDirect = kind !== 'array' && kind !== 'func_proto'
    return this.declare(target, isDirect ? `*${name}` : `(*${name})`, indent)
  }

  #qualified(
    kind: 'const' | 'volatile' | 'restrict',
    target: number,
    name: string,
    indent: string,
  ) {
    // `const` of a pointer stands behind its star, of anything else before the type.
    const word = kind === 'restrict' ? '__restrict' : kind
    if (this.#unqualified(target).kind === 'ptr') {
      return this.declare(target, spaced(word, name), indent)
    }
    return `${word} ${this.declare(target, name, indent)}`
  }

  #unqualified(id: number): BtfType {
    const type = this.#btf.type(id)
    return isAlias(type) && type.kind !== 'typedef' ? this.#unqualified(type.type) : type
  }

  #parameters({ parameters }: BtfFunctionProto): string {
    if (parameters.length === 0) return 'void'
    return parameters
      .map(({ name, type }) => (type === 0 && name === '' ? '...' : this.declare(type, name)))
      .join(', ')
  }

  #tag(type: BtfType): string {
    const keyword = type.kind === 'fwd' ? (type.union ? 'union' : 'struct') : type.kind
    return spaced(keyword === 'enum64' ? 'enum' : keyword, this.#names.of(type))
  }

  #body(type: BtfType, indent: string): string {
    if (type.kind === 'struct' || type.kind === 'union') {
      const declare = (id: number, name: string): string => this.declare(id, name, `${indent}\t`)
      const { lines, packed } = memberLines(this.#btf, type, declare)
      const inner = lines.map((line) => `${indent}\t${line};\n`).join('')
      return `${this.#tag(type)} {\n${inner}${indent}}${packed ? ' __attribute__((packed))' : ''}`
    }
    if (type.kind !== 'enum' && type.kind !== 'enum64') return this.#tag(type)
    const values = type.values.map(({ name, value }) => `${indent}\t${name} = ${literal(value)},\n`)
    const size =
      type.size === 4 || type.kind === 'enum64' ? '' : ` __attribute__((mode(${MODES[type.size]})))`
    return `${this.#tag(type)} {\n${values.join('')}${indent}}${size}`
  }

  #section(section: Extract<BtfType, { readonly kind: 'datasec' }>): string {
    const variables = section.variables.map(({ type }) => this.definition(type))
    return [`/* ${section.name} */`, ...variables].join('\n')
  }
}

const MODES: Readonly<Record<number, string>> = { 1: 'byte', 2: 'word', 8: 'DI' }

/** Past 32 bits C wants to be told the width. */
function literal(value: bigint): string {
  if (value > 0x7fff_ffffn) return value > 0xffff_ffffn ? `${value}ULL` : `${value}U`
  return value < -0x8000_0000n ? `${value}LL` : `${value}`
}

const spaced = (before: string, after: string): string =>
  after === '' ? before : `${before} ${after}`

/** Whether a type is defined once and then used by its name. */
function isDefinition(type: BtfType): boolean {
  switch (type.kind) {
    case 'typedef':
      return true
    case 'struct':
    case 'union':
    case 'enum':
    case 'enum64':
      return type.name !== ''
    case 'func':
    case 'var':
    case 'datasec':
      return true
    default:
      return false
  }
}

function innerTypes(type: BtfType): number[] {
  switch (type.kind) {
    case 'struct':
    case 'union':
      return type.members.map((member) => member.type)
    case 'func_proto':
      return [type.returns, ...type.parameters.map((parameter) => parameter.type)]
    case 'datasec':
      return type.variables.map((variable) => variable.type)
    case 'enum':
    case 'enum64':
      return []
    default:
      return 'type' in type ? [type.type] : []
  }
}

function tooDeep(type: BtfType): BpfError {
  return new BpfError({
    operation: 'format type',
    subject: type.name,
    expected: 'at most 1000 types within each other',
    got: 'more, or a loop',
  })
}
