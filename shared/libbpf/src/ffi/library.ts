// oxlint-disable typescript/no-unsafe-type-assertion -- the types of C functions are stated here, nothing can check them
import koffi from 'koffi'
import type { LibraryHandle } from 'koffi'

/** What C passes and returns; koffi copies nothing for typed arrays and bigint pointers. */
// oxlint-disable-next-line typescript/no-explicit-any
type AnyFunction = (...args: any[]) => any

/** A C function that is looked up when it is first called. */
export type Bound<F extends AnyFunction> = F & {
  /** Name of the symbol. */
  readonly symbol: string
  /** koffi's own function, without the step of indirection, for hot paths. Looks the symbol up. */
  resolve(): F
  /** Whether the loaded library has the symbol. */
  available(): boolean
}

/** A pointer as koffi hands it out; NULL is `null`. */
export type Pointer = bigint | null

/**
 * Makes a binder of C prototypes for one library; neither the library nor a symbol is touched before the first call.
 * @param library loads the library
 * @param missing makes the error for a symbol that the library does not have
 */
export function binder(library: () => LibraryHandle, missing: (symbol: string) => Error) {
  return function bind<F extends AnyFunction>(prototype: string): Bound<F> {
    const symbol = symbolOf(prototype)
    let found: F | undefined

    function available(): boolean {
      if (found) return true
      try {
        library().symbol(symbol)
        return true
      } catch {
        return false
      }
    }
    function resolve(): F {
      if (found) return found
      const lib = library()
      if (!available()) throw missing(symbol)
      found = lib.func(prototype) as unknown as F
      return found
    }
    function call(...args: Parameters<F>): ReturnType<F> {
      return (found ?? resolve())(...args) as ReturnType<F>
    }
    return Object.assign(call, { symbol, resolve, available }) as unknown as Bound<F>
  }
}

function symbolOf(prototype: string): string {
  const symbol = /(\w+)\s*\(/.exec(prototype)?.[1]
  if (symbol === undefined) throw new TypeError(`not a C prototype: ${prototype}`)
  return symbol
}

/** The C library's errno after the last koffi call; read it at once, any file access by Node changes it. */
export function errno(): number {
  return koffi.errno()
}
