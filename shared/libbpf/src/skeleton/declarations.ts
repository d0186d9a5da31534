import { ShapeDigests } from '../codec/shape-digest.ts'
import type { BitsShape, CompositeShape, EnumShape, MemberShape, Shape } from '../codec/shape.ts'
import { SCALAR_SIZE } from '../codec/shape.ts'
import { ARRAY_SHORT } from './expressions.ts'
import { hasInput, inputType } from './input-type.ts'
import { Names, objectKey, quote, typeKey } from './names.ts'
import { listCall, unionType } from './print.ts'
import { structCodec } from './struct-codec.ts'

/** The declarations of one generated module, each after those it needs. */
export class Declarations {
  readonly names = new Names()
  readonly littleEndian: boolean
  /** Things to tell who runs bpf2ts. */
  readonly warnings: string[] = []
  readonly #texts: string[] = []
  readonly #imports = new Set<string>()
  readonly #helpers = new Map<string, string>()
  readonly #types = new Map<string, string>()
  /** Input types by the type that is read. */
  readonly #inputs = new Map<string, string>()
  readonly #digests = new ShapeDigests()

  constructor(littleEndian: boolean) {
    this.littleEndian = littleEndian
  }

  get texts(): readonly string[] {
    return this.#texts
  }

  get imports(): string[] {
    return [...this.#imports].toSorted()
  }

  /** The name of something the package exports, which is imported then. */
  use(name: string): string {
    this.#imports.add(name)
    return name
  }

  /** The codec of a shape: a name that is imported or declared. `hint` names what has no name in C. */
  codec(shape: Shape, hint: string): string {
    switch (shape.kind) {
      case 'scalar':
        return this.use(shape.scalar)
      case 'enum':
        return this.#enumCodec(shape, hint)
      case 'bits':
        return this.#bits(shape)
      case 'text':
        if (shape.length === undefined) return this.use('restChars')
        return this.#helper(`chars${shape.length}`, 'chars', [`${shape.length}`])
      case 'numbers':
        return this.#numbers(shape.array, shape.length)
      case 'array': {
        const element = this.codec(shape.element, hint)
        return shape.length === undefined
          ? this.#helper(`${element}_rest`, 'restArray', [element])
          : this.#helper(`${element}_x${shape.length}`, 'array', [element, `${shape.length}`])
      }
      default:
        return this.#composite(shape, hint)
    }
  }

  /** The TypeScript type of a shape; declares it where it has a name. */
  type(shape: Shape, hint: string): string {
    switch (shape.kind) {
      case 'scalar':
        return scalarType(shape.scalar)
      case 'enum':
        return this.#enum(shape, hint)
      case 'bits':
        return shape.enum ? this.#enum(shape.enum, hint) : shape.as
      case 'text':
        return 'string'
      case 'numbers':
        return shape.array
      case 'array':
        return `${this.type(shape.element, hint)}[]`
      default:
        return this.#composite(shape, hint)
    }
  }

  /** A codec of an anonymous union for writing; its members stand in the struct around it. */
  overlay(shape: CompositeShape, hint: string): string {
    const name = this.names.take(hint)
    const items = this.#members(shape, hint)
    this.#texts.push(listCall(`const ${name} = `, this.use('overlay'), `${shape.size}`, items))
    return name
  }

  #bits({ start, width, signed, as }: BitsShape): string {
    if (as === 'boolean') {
      return this.#helper(`flag${start}`, 'boolBits', [`${start}`, `${width}`])
    }
    const name = `${signed ? 'i' : 'u'}${width}at${start}`
    const maker = as === 'bigint' ? 'wideBits' : 'bits'
    return this.#helper(name, maker, [`${start}`, `${width}`, `${signed}`])
  }

  #numbers(array: keyof typeof ARRAY_SHORT, length: number | undefined): string {
    const short = ARRAY_SHORT[array]
    if (array === 'Uint8Array') {
      if (length === undefined) return this.use('restBytes')
      return this.#helper(`bytes${length}`, 'bytes', [`${length}`])
    }
    return length === undefined
      ? this.#helper(`${short}_rest`, 'restTypedArray', [array])
      : this.#helper(`${short}x${length}`, 'typedArray', [array, `${length}`])
  }

  /** A codec that is made once for the module. */
  #helper(wanted: string, maker: string, args: readonly string[]): string {
    const made = `${this.use(maker)}(${args.join(', ')})`
    const known = this.#helpers.get(made)
    if (known) return known
    const name = this.names.take(wanted)
    this.#helpers.set(made, name)
    this.#texts.push(`const ${name} = ${made}`)
    return name
  }

  /** A scalar's codec under the enum's type. */
  #enumCodec(shape: EnumShape, hint: string): string {
    const type = this.#enum(shape, hint)
    const known = this.#helpers.get(`enum ${type}`)
    if (known) return known
    const name = this.names.take(`${type}_codec`)
    this.#helpers.set(`enum ${type}`, name)
    this.use('type Codec')
    this.#texts.push(`const ${name}: Codec<${type}> = ${this.use(shape.scalar)}`)
    return name
  }

  #enum(shape: EnumShape, hint: string): string {
    const key = shape.name ? `enum ${shape.name} ${this.#digests.of(shape)}` : `${shape.id}`
    const known = this.#types.get(key)
    if (known) return known
    const name = this.names.take(shape.name || hint)
    this.#types.set(key, name)
    this.#texts.push(enumText(name, shape))
    if (shape.truncated) {
      this.warnings.push(
        `enum ${name}: clang cut its 64-bit values to 32 bits; give it a plain type (enum ${name} : ` +
          `unsigned long) and use clang 15 or newer`,
      )
    }
    return name
  }

  #composite(shape: CompositeShape, hint: string): string {
    const key = shape.name
      ? `${shape.kind} ${shape.name} ${this.#digests.of(shape)}`
      : `${shape.id} ${shape.kind}`
    const known = this.#types.get(key)
    if (known) return known
    const name = this.names.take(shape.name || hint)
    this.#types.set(key, name)
    const types = [this.#interface(name, shape), ...this.#inputType(name, shape)]
    this.use('type Codec')
    const codec =
      shape.kind === 'union' ? this.#unionCodec(name, shape) : structCodec(this, name, shape)
    this.#texts.push([...types, codec].join('\n\n'))
    return name
  }

  /** What a struct or union can be written from, if that is less than is read of it. */
  #inputType(name: string, shape: CompositeShape): string[] {
    if (!hasInput(shape)) return []
    const input = this.names.take(`${name}_input`)
    this.#inputs.set(name, input)
    return [
      inputType(shape, {
        name: input,
        take: () => this.names.take(`${input}_choice`),
        typeOf: (member) => this.#input(member.shape, `${name}_${member.name}`),
      }),
    ]
  }

  #input(shape: Shape, hint: string): string {
    if (shape.kind === 'array') {
      const element = this.#input(shape.element, hint)
      return `${element}[]`
    }
    const type = this.type(shape, hint)
    return this.#inputs.get(type) ?? type
  }

  /** Type arguments of a struct's or union's codec: what is read, and what it takes to write it. */
  codecType(name: string): string {
    const input = this.#inputs.get(name)
    return input === undefined ? `Codec<${name}>` : `Codec<${name}, ${input}>`
  }

  #interface(name: string, shape: CompositeShape): string {
    const fields = fieldsOf(shape).map(
      (field) => `  ${typeKey(field.name)}: ${this.type(field.shape, `${name}_${field.name}`)}\n`,
    )
    const hasBytes = shape.kind === 'union' && !fieldsOf(shape).some((f) => f.name === 'bytes')
    const bytes = hasBytes ? '  /** The union as it is in memory. */\n  bytes: Uint8Array\n' : ''
    const body = fields.join('') + bytes
    const tag = shape.name ? `${shape.kind} ${shape.name}` : `A ${shape.kind} without name`
    const comment = `/** ${tag.replaceAll('*/', '* /')}, ${shape.size} bytes. */`
    return `${comment}\nexport interface ${name} {${body ? `\n${body}` : ''}}`
  }

  #unionCodec(name: string, shape: CompositeShape): string {
    const items = this.#members(shape, name)
    return listCall(
      `export const ${name}: ${this.codecType(name)} = `,
      this.use('union'),
      `${shape.size}`,
      items,
    )
  }

  #members(shape: CompositeShape, hint: string): string[] {
    return shape.members.map((member) => this.#member(member, hint))
  }

  #member({ name, at, shape }: MemberShape, hint: string): string {
    if (name !== '') {
      const codec = this.codec(shape, `${hint}_${name}`)
      return `${this.use('member')}(${quote(name)}, ${at}, ${codec})`
    }
    if (shape.kind !== 'struct' && shape.kind !== 'union') {
      throw new TypeError(`only structs and unions are anonymous members, not ${shape.kind}`)
    }
    const maker = this.use(shape.kind === 'union' ? 'overlay' : 'struct')
    const inner = listCall('', maker, `${shape.size}`, this.#members(shape, hint))
    return `${this.use('unnamed')}(${at}, ${inner})`
  }
}

/** The members of a struct with those of its anonymous structs and unions among them. */
export function fieldsOf(shape: CompositeShape, from = 0): MemberShape[] {
  return shape.members.flatMap((member) => {
    const inner = member.shape
    if (member.name === '' && (inner.kind === 'struct' || inner.kind === 'union')) {
      return fieldsOf(inner, from + member.at)
    }
    return [{ ...member, at: from + member.at }]
  })
}

function scalarType(scalar: keyof typeof SCALAR_SIZE): string {
  if (scalar === 'bool') return 'boolean'
  return ['u64', 'i64', 'u128', 'i128'].includes(scalar) ? 'bigint' : 'number'
}

function enumText(name: string, shape: EnumShape): string {
  const isBig = scalarType(shape.scalar) === 'bigint'
  const base = isBig ? 'bigint' : 'number'
  const label = shape.name ? `enum ${shape.name}` : 'An enum without name'
  const comment = `/** ${label}${shape.truncated ? ', its values cut to 32 bits by clang' : ''}. */`
  if (shape.values.length === 0) return `${comment}\nexport type ${name} = ${base}`
  const values = shape.values.map(
    ({ name: key, value }) => `  ${objectKey(key)}: ${value}${isBig ? 'n' : ''},\n`,
  )
  const object = `export const ${name} = {\n${values.join('')}} as const`
  const type = unionType(name, [`(typeof ${name})[keyof typeof ${name}]`, `(${base} & {})`])
  return `${comment}\n${object}\n${type}`
}
