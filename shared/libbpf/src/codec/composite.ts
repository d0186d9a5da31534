import { misfit } from './check.ts'
import { type Codec, zeroFill } from './codec.ts'

/** A member of a struct or union at a byte offset from its start. */
export interface NamedMember {
  readonly name: string
  readonly at: number
  readonly codec: Codec<any>
}

/** An anonymous struct or union within another; its members count as the outer's. */
export interface AnonymousMember {
  readonly name?: undefined
  readonly at: number
  readonly codec: Composite
}

export type Member = NamedMember | AnonymousMember

/** A member by name. */
export const member = (name: string, at: number, codec: Codec<any>): Member => ({ name, at, codec })

/** A member that is an anonymous struct or union. */
export const unnamed = (at: number, codec: Composite): Member => ({ at, codec })

/** What a struct or union decodes to. */
export type Fields = Record<string, unknown>

/** The codec of a struct or union, which knows its members. */
export interface Composite extends Codec<any> {
  /** Every member that has a name, those of anonymous members among them, by offset from here. */
  readonly fields: readonly NamedMember[]
}

/** `struct { … }`: an object with its members; padding is written as zero. */
export function struct(size: number, members: readonly Member[]): Composite {
  const fields = flatten(members)
  return {
    size,
    fields,
    read: (view, at, end) => readFields(fields, view, at, end),
    write: (view, at, value: Fields, name = 'struct') => {
      needObject(value, name)
      zeroFill(view, at, size)
      for (const each of members) writeMember(each, view, at, value, name)
    },
  }
}

/**
 * `union { … }`: an object with every member, each decoded from the same bytes, and the `bytes`.
 *
 * Writing takes one member, or `bytes`, or an object that was read with at most one of its members
 * changed. What is left over after a short member is zero.
 */
export function union(size: number, members: readonly Member[]): Composite {
  const fields = flatten(members)
  const hasBytes = !fields.some(({ name }) => name === 'bytes')
  return {
    size,
    fields,
    read: (view, at, end) => {
      const value = readFields(fields, view, at, end)
      if (hasBytes) value.bytes = own(view, at, size)
      return value
    },
    write: (view, at, value: Fields, name = 'union') => {
      needObject(value, name)
      const raw = hasBytes ? value.bytes : undefined
      writeUnion({ size, members, raw }, view, at, value, name)
    },
  }
}

/** An anonymous union: like {@link union}, its members stand in the outer struct, without `bytes`. */
export function overlay(size: number, members: readonly Member[]): Composite {
  const fields = flatten(members)
  return {
    size,
    fields,
    read: (view, at, end) => readFields(fields, view, at, end),
    write: (view, at, value: Fields, name = 'union') =>
      writeUnion({ size, members, raw: undefined }, view, at, value, name),
  }
}

interface Union {
  readonly size: number
  readonly members: readonly Member[]
  readonly raw: unknown
}

/** Writes `bytes`, then the one member that says something else than what is already there. */
function writeUnion(whole: Union, view: DataView, at: number, value: Fields, name: string): void {
  const base = rawBytes(whole, name)
  const given = whole.members.filter((each) => isGiven(each, value))
  if (given.length === 0 && base === undefined) {
    throw misfit(name, `one of ${labels(whole.members)}`, 'none of them')
  }
  const forms = given.map((each) => encoded(each, whole.size, value, name))
  const changed = forms.filter((form) => !agrees(form.bytes, base ?? widest(forms), form.length))
  if (changed.length > 1 || (changed.length > 0 && base === undefined)) {
    const both = labels(given)
    throw misfit(name, `one of ${both}`, `${both} with different bytes`, 'give only one of them')
  }
  const target = new Uint8Array(view.buffer, view.byteOffset + at, whole.size)
  target.set(base ?? widest(forms))
  const [form] = changed
  if (form) target.set(form.bytes.subarray(0, form.length))
}

interface Form {
  readonly bytes: Uint8Array
  readonly length: number
}

function encoded(one: Member, size: number, value: Fields, name: string): Form {
  const bytes = new Uint8Array(size)
  writeMember(one, new DataView(bytes.buffer), 0, value, name)
  return { bytes, length: Math.min(size, one.at + one.codec.size) }
}

const widest = (forms: readonly Form[]): Uint8Array =>
  forms.reduce((best, form) => (form.length > best.length ? form : best)).bytes

const agrees = (a: Uint8Array, b: Uint8Array, length: number): boolean =>
  a.subarray(0, length).every((byte, index) => byte === b[index])

function rawBytes({ raw, size }: Union, name: string): Uint8Array | undefined {
  if (raw === undefined) return undefined
  if (raw instanceof Uint8Array && raw.length === size) return raw
  throw misfit(`${name}.bytes`, `a Uint8Array of ${size} bytes`, raw)
}

const isGiven = (one: Member, value: Fields): boolean =>
  one.name === undefined
    ? one.codec.fields.some((field) => value[field.name] !== undefined)
    : value[one.name] !== undefined

const labels = (members: readonly Member[]): string =>
  members
    .flatMap((m) => (m.name === undefined ? m.codec.fields.map(({ name }) => name) : m.name))
    .join(', ')

function flatten(members: readonly Member[]): NamedMember[] {
  return members.flatMap((one) =>
    one.name === undefined
      ? one.codec.fields.map((field) => ({ ...field, at: one.at + field.at }))
      : [one],
  )
}

function readFields(
  fields: readonly NamedMember[],
  view: DataView,
  at: number,
  end: number | undefined,
): Fields {
  const value: Fields = {}
  for (const field of fields) {
    const content: unknown = field.codec.read(view, at + field.at, end)
    if (field.name === '__proto__') define(value, field.name, content)
    else value[field.name] = content
  }
  return value
}

/** Assigning `__proto__` would set the prototype instead. */
function define(value: Fields, name: string, content: unknown): void {
  const attributes = { enumerable: true, configurable: true, writable: true }
  Object.defineProperty(value, name, { value: content, ...attributes })
}

function writeMember(one: Member, view: DataView, at: number, value: Fields, name: string): void {
  const where = at + one.at
  if (one.name === undefined) one.codec.write(view, where, value, name)
  else one.codec.write(view, where, value[one.name], `${name}.${one.name}`)
}

/** @throws BpfError unless the value is an object. */
export function needObject(value: unknown, name: string): void {
  if (typeof value !== 'object' || value === null) throw misfit(name, 'an object', value)
}

function own(view: DataView, at: number, size: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + at, size).slice()
}
