import { BpfError } from './bpf-error.ts'
import { closest } from './closest.ts'

/** A number's name in one of the kernel's enums; a number newer than the table stays visible as `type 99`. */
export function nameOf<T extends string>(names: readonly T[], n: number): T | `type ${number}` {
  return names[n] ?? `type ${n}`
}

/**
 * The number of a name in one of the kernel's enums.
 * @throws {BpfError} for a name that is not there, with the closest one that is
 */
export function numberOf(names: readonly string[], name: string, operation: string): number {
  const n = names.indexOf(name)
  if (n >= 0) return n
  const [suggestion] = closest(name, names)
  throw new BpfError({
    operation,
    expected: 'a name of the kernel’s list',
    got: `'${name}'`,
    hint: suggestion ? `Did you mean '${suggestion}'?` : `Known are ${names.join(', ')}.`,
  })
}
