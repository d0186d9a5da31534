// oxlint-disable typescript/no-unsafe-type-assertion -- names that are looked up were checked before
import { BpfError } from '../errors/bpf-error.ts'
import { closest } from '../errors/closest.ts'

/** A frozen object without prototype; a value that is a function is called when it is read, to say why there is none. */
export function lazyRecord<T>(
  entries: Iterable<readonly [string, T | (() => never)]>,
): Record<string, T> {
  const record: Record<string, T> = Object.create(null)
  for (const [name, value] of entries) {
    Object.defineProperty(
      record,
      name,
      typeof value === 'function' ? { get: value as () => never } : { value, enumerable: true },
    )
  }
  return Object.freeze(record)
}

/**
 * A value of such a record.
 * @throws {BpfError} if there is none of this name, with the closest ones
 */
export function lookUp<T>(
  record: Readonly<Record<string, T>>,
  name: string,
  what: string,
  object: string,
): T {
  if (name in record) return record[name] as T
  const [suggestion] = closest(name, Object.keys(record))
  throw new BpfError({
    operation: `find ${what}`,
    subject: name,
    problem: `object '${object}' has none of this name`,
    hint: suggestion
      ? `Did you mean '${suggestion}'?`
      : `It has ${Object.keys(record).join(', ') || 'none at all'}.`,
  })
}
