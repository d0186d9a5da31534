import type { Codec, Decoded } from './codec.ts'
import type { NamedMember } from './composite.ts'

/** Where a global variable lies in its section, and how it is encoded. */
export type VariableLayout = readonly [at: number, codec: Codec<any>]

/** The variables of a data section, of type `T` as an object of them. */
export interface SectionLayout<T> {
  readonly size: number
  readonly fields: readonly NamedMember[]
  /** Never there; it carries the type. */
  readonly variables?: T
}

/** Describes a data section by its variables: `section(4, { target_pid: [0, u32] })`. */
export function section<const V extends Readonly<Record<string, VariableLayout>>>(
  size: number,
  variables: V,
): SectionLayout<{ -readonly [N in keyof V]: Decoded<V[N][1]> }> {
  const fields = Object.entries(variables).map(([name, [at, codec]]) => ({ name, at, codec }))
  return { size, fields }
}
