import { createHash } from 'node:crypto'
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

/** The first 16 hex digits of a SHA-256. */
export const digest = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 16)

const isComposite = (value: unknown): value is CompositeShape =>
  typeof value === 'object' && value !== null && 'members' in value
