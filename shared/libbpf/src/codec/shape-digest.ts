import type { CompositeShape, Shape } from './shape.ts'

/** Short hashes of shapes: equal where two types have the same names and lie in memory the same way. */
export class ShapeDigests {
  readonly #known = new Map<Shape, string>()

  of(shape: Shape | undefined): string {
    if (!shape) return '-'
    const known = this.#known.get(shape)
    if (known) return known
    const text = digest(JSON.stringify(shape, (key, value) => this.#normal(key, value, shape)))
    this.#known.set(shape, text)
    return text
  }

  /** Type ids change with every build; bigint has no JSON; inner structs have digests of their own. */
  #normal(key: string, value: unknown, whole: Shape): unknown {
    if (key === 'id') return undefined
    // How it is decoded is the skeleton's choice, not the object's.
    if (value === 'u64AsNumber') return 'u64'
    if (value === 'i64AsNumber') return 'i64'
    if (typeof value === 'bigint') return `${value}n`
    return value !== whole && isComposite(value) ? this.of(value) : value
  }
}

/**
 * 64 bits as hex digits, to notice that something changed. Nobody attacks it, and loading node:crypto for more would take a tenth of
 * a loader's start on an emulated machine.
 */
export function digest(text: string): string {
  let high = 0x9e3779b9
  let low = 0x85ebca6b
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    high = Math.imul(high ^ unit, 0x9e3779b1) ^ (low >>> 15)
    low = Math.imul(low ^ unit, 0x5f356495) ^ (high >>> 13)
  }
  return hex(stir(high ^ (low >>> 16))) + hex(stir(low ^ (high >>> 16)))
}

/** Every bit of the result depends on every bit of the word (the finalizer of MurmurHash3). */
function stir(word: number): number {
  const once = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35)
  return twice ^ (twice >>> 16)
}

const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0')

const isComposite = (value: unknown): value is CompositeShape =>
  typeof value === 'object' && value !== null && 'members' in value
