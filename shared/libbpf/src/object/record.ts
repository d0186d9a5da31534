// oxlint-disable typescript/no-unsafe-type-assertion -- names that are looked up were checked before
import { BpfError } from '../errors/bpf-error.ts'
import { closest } from '../errors/closest.ts'

/**
 * A frozen object of named things; a value that is a function is called when it is read, to say why there is none. Reading a name that is
 * not there throws, as {@link lookUp} does: a typed program meets one only when its `.bpf.c` was changed after it was written.
 * @param what `map`, for messages
 * @param object name of the object it belongs to
 */
export function lazyRecord<T>(
  entries: Iterable<readonly [string, T | (() => never)]>,
  what: string,
  object: string,
): Record<string, T> {
  const record: Record<string, T> = Object.create(nothingElse(what, `object '${object}'`))
  for (const [name, value] of entries) {
    Object.defineProperty(
      record,
      name,
      typeof value === 'function' ? { get: value as () => never } : { value, enumerable: true },
    )
  }
  return Object.freeze(record)
}

/** What languages and test tools ask any object for, to see what it is. */
const QUESTIONS = new Set([
  'then',
  'toJSON',
  'constructor',
  'asymmetricMatch',
  'nodeType',
  'inspect',
  'href', // util.inspect: is it a URL?
])

/**
 * A prototype without properties that throws when a name is read or written that the object itself does not have.
 * @param what `variable`, for messages
 * @param where `section .data`, for messages
 */
export function nothingElse(what: string, where: string): object {
  const isName = (name: string | symbol): name is string =>
    typeof name === 'string' && /^[\w.]+$/.test(name) && !QUESTIONS.has(name)
  return new Proxy(Object.freeze(Object.create(null)), {
    get(_, name, record: object) {
      if (!isName(name)) return undefined
      throw noSuch(name, what, where, Object.keys(record))
    },
    set(_, name, _value, record: object) {
      throw noSuch(String(name), what, where, Object.keys(record))
    },
  })
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
  throw noSuch(name, what, `object '${object}'`, Object.keys(record))
}

function noSuch(name: string, what: string, where: string, names: readonly string[]): BpfError {
  const [suggestion] = closest(name, names)
  return new BpfError({
    operation: `find ${what}`,
    subject: name,
    problem: `${where} has none of this name`,
    hint: suggestion
      ? `Did you mean '${suggestion}'?`
      : `It has ${names.join(', ') || 'none at all'}.`,
  })
}
