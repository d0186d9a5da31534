import type { Btf } from './btf.ts'
import { type BtfKind, KINDS } from './kinds.ts'
import type { BtfType } from './types.ts'

/** C keeps tags and typedefs apart. A declaration goes with the definition of its name. */
const SPACES: Partial<Record<BtfKind, 'tag' | 'typedef'>> = {
  struct: 'tag',
  union: 'tag',
  enum: 'tag',
  enum64: 'tag',
  typedef: 'typedef',
}

/** Names for C: the second type of a name gets `___2` behind it, which CO-RE ignores. */
export class CNames {
  readonly #btf: Btf
  #ids: Map<string, number[]> | undefined

  constructor(btf: Btf) {
    this.#btf = btf
  }

  of(type: BtfType): string {
    const space = SPACES[type.kind]
    if (type.name === '' || space === undefined) return type.name
    this.#ids ??= idsByName(this.#btf)
    const ids = this.#ids.get(`${space} ${this.#btf.nameOffset(type.id)}`) ?? []
    const position = ids.indexOf(type.id)
    return position < 1 ? type.name : `${type.name}___${position + 1}`
  }
}

/** By the offset of the name, which is one for equal names: compilers and pahole keep each string once. */
function idsByName(btf: Btf): Map<string, number[]> {
  const ids = new Map<string, number[]>()
  for (let id = 1; id < btf.length; id++) {
    const space = SPACES[KINDS[btf.kindNumber(id)] ?? 'void']
    if (!space) continue
    const key = `${space} ${btf.nameOffset(id)}`
    const known = ids.get(key)
    if (known) known.push(id)
    else ids.set(key, [id])
  }
  return ids
}
