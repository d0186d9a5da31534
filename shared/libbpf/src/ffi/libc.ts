import koffi from 'koffi'
import type { LibraryHandle } from 'koffi'
import { UnsupportedError } from '../errors/unsupported-error.ts'
import { binder } from './library.ts'

let loaded: LibraryHandle | undefined

function library(): LibraryHandle {
  loaded ??= koffi.load('libc.so.6')
  return loaded
}

/**
 * Declares a function of the C library by its prototype; it is looked up at its first call.
 * Read `errno()` from library.ts directly after a call that failed.
 */
export const bindLibc = binder(
  library,
  (symbol) => new UnsupportedError({ feature: `${symbol}()`, needs: {}, have: 'the C library' }),
)
