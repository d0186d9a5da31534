import type { CompositeShape, MemberShape, Shape } from '../codec/shape.ts'
import { typeKey } from './names.ts'
import { unionType } from './print.ts'

/** Whether it takes less to write a shape than is read of it: it is a union, or has one in it. */
export function hasInput(shape: Shape): boolean {
  switch (shape.kind) {
    case 'array':
      return hasInput(shape.element)
    case 'union':
      return true
    case 'struct':
      return shape.members.some((member) => hasInput(member.shape))
    default:
      return false
  }
}

/** The type that a member is written from. */
type TypeOf = (member: MemberShape) => string

/** An input type, and those it is made of. */
export interface InputType {
  readonly name: string
  /** Gives each anonymous union a name for its type. */
  readonly take: () => string
  readonly typeOf: TypeOf
}

/** Declares what it takes to write a struct or union for which {@link hasInput} holds. */
export function inputType(shape: CompositeShape, { name, take, typeOf }: InputType): string {
  if (shape.kind === 'union') {
    const hasBytes = shape.members.some((member) => member.name === 'bytes')
    const bytes = hasBytes ? [] : ['{ bytes: Uint8Array }']
    const type = unionType(name, [...alternatives(shape, typeOf), ...bytes])
    return `/** What it takes to write it: one member, or the bytes. */\n${type}`
  }
  const { fields, choices } = partsOf(shape, typeOf)
  const named = choices.map((choice) => ({ name: take(), choice }))
  const own = `{\n${fields.map((field) => `  ${field}\n`).join('')}}`
  const others = named.map((each) => each.name)
  const parts = fields.length === 0 ? others.join(' & ') : [own, others.join(' &\n  ')].join(' & ')
  const type = `export type ${name} = ${others.length === 0 ? own : parts}`
  return [
    ...named.map((each) => unionType(each.name, each.choice)),
    `/** What it takes to write it: of each union one member. */\n${type}`,
  ].join('\n\n')
}

/** One object type for each member of a union, those of anonymous unions in it among them. */
function alternatives(shape: CompositeShape, typeOf: TypeOf): string[] {
  return shape.members.flatMap((member) => {
    const inner = member.shape
    if (member.name !== '' || (inner.kind !== 'struct' && inner.kind !== 'union')) {
      return [`{ ${typeKey(member.name)}: ${typeOf(member)} }`]
    }
    if (inner.kind === 'union') return alternatives(inner, typeOf)
    const { fields, choices } = partsOf(inner, typeOf)
    const own = fields.length === 0 ? [] : [`{ ${fields.join('; ')} }`]
    const all = [...own, ...choices.map((choice) => `(${choice.join(' | ')})`)]
    if (all.length === 0) return []
    return [all.length === 1 ? all.join('') : `(${all.join(' & ')})`]
  })
}

interface Parts {
  /** `name: type` of the members that are always written. */
  readonly fields: string[]
  /** Alternatives of each anonymous union. */
  readonly choices: string[][]
}

function partsOf(struct: CompositeShape, typeOf: TypeOf): Parts {
  const fields: string[] = []
  const choices: string[][] = []
  for (const member of struct.members) {
    const inner = member.shape
    if (member.name !== '' || (inner.kind !== 'struct' && inner.kind !== 'union')) {
      fields.push(`${typeKey(member.name)}: ${typeOf(member)}`)
    } else if (inner.kind === 'union') {
      choices.push(alternatives(inner, typeOf))
    } else {
      const parts = partsOf(inner, typeOf)
      fields.push(...parts.fields)
      choices.push(...parts.choices)
    }
  }
  return { fields, choices }
}
