import koffi from 'koffi'
import type { LibraryHandle } from 'koffi'
import { BpfError } from '../errors/bpf-error.ts'
import { UnsupportedError } from '../errors/unsupported-error.ts'
import { SINCE } from './libbpf-versions.ts'
import { binder, errno } from './library.ts'
import type { Pointer } from './library.ts'

const OLDEST = '1.0'
const INSTALL = 'Install it (Debian: libbpf1, Fedora: libbpf) or name the file in LIBBPF_SO.'

interface Version {
  major: number
  minor: number
}

let loaded: { lib: LibraryHandle; version: Version } | undefined

/** Loads `libbpf.so.1`, or the file that LIBBPF_SO names, once. */
function libbpf(): { lib: LibraryHandle; version: Version } {
  loaded ??= open(process.env['LIBBPF_SO'] || 'libbpf.so.1')
  return loaded
}

function open(file: string): { lib: LibraryHandle; version: Version } {
  let lib: LibraryHandle
  try {
    lib = koffi.load(file)
  } catch (cause) {
    throw new UnsupportedError({
      feature: 'eBPF',
      needs: { libbpf: OLDEST },
      operation: 'load library',
      subject: file,
      have: 'a system where it cannot be opened',
      hint: INSTALL,
      cause,
    })
  }
  const version = versionOf(lib)
  if (!version || version.major < 1) {
    throw new UnsupportedError({
      feature: 'this package',
      needs: { libbpf: OLDEST },
      operation: 'load library',
      subject: file,
      have: version
        ? `libbpf ${version.major}.${version.minor}`
        : 'no libbpf, or one older than 0.6',
      hint: INSTALL,
    })
  }
  return { lib, version }
}

function versionOf(lib: LibraryHandle): Version | undefined {
  try {
    return {
      major: Number(lib.func('uint32_t libbpf_major_version(void)')()),
      minor: Number(lib.func('uint32_t libbpf_minor_version(void)')()),
    }
  } catch {
    return undefined // the symbols are missing: not libbpf, or older than 0.6
  }
}

/**
 * The version of the libbpf in use.
 * @throws {UnsupportedError} if there is none, or one older than 1.0
 */
export function libbpfVersion(): Version & { text: string } {
  const { version } = libbpf()
  return { ...version, text: `${version.major}.${version.minor}` }
}

/** Whether the libbpf in use is at least `version`, for example `1.3`. */
export function libbpfAtLeast(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const have = libbpfVersion()
  return have.major > major || (have.major === major && have.minor >= minor)
}

/**
 * Declares a libbpf function by its C prototype; it is looked up at its first call.
 * Use only built-in C types (`int`, `uint64_t`, `const char *`, `void *`): named koffi types cannot be declared twice.
 * Calling it throws an {@link UnsupportedError} that names the version needed if this libbpf does not have it.
 */
export const bindLibbpf = binder(
  () => libbpf().lib,
  (symbol) =>
    new UnsupportedError({
      feature: `${symbol}()`,
      needs: { libbpf: SINCE[symbol] },
      have: `libbpf ${libbpfVersion().text}`,
    }),
)

/**
 * Turns libbpf's "NULL and errno" into a {@link BpfError}; call it directly around the C call.
 * @returns the pointer, never null
 */
export function pointerOrThrow(
  pointer: Pointer,
  operation: string,
  subject?: string,
): NonNullable<Pointer> {
  if (pointer !== null && pointer !== 0n) return pointer
  throw new BpfError({ operation, subject, errno: errno() })
}
