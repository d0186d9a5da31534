import { expect } from 'vitest'

/** The error that `action` throws, which must be of this class and no other. */
export function thrown<E extends Error>(
  type: abstract new (...args: never[]) => E,
  action: () => unknown,
): E {
  let result: unknown
  try {
    result = action()
  } catch (error) {
    expect(error).toBeInstanceOf(type)
    if (error instanceof type) return error
  }
  throw new Error(`expected a ${type.name}, but it returned ${String(result)}`)
}
