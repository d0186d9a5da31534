import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BpfError } from '../errors/bpf-error.ts'

/** A BPF object file: its path, a `file:` URL, or its bytes. */
export type ObjectSource = string | URL | Uint8Array

/**
 * Reads an object file.
 * @returns the bytes, and a name made from the file's: `execsnoop` for `build/execsnoop.bpf.o`
 * @throws {BpfError} if there is no such file
 */
export function readSource(source: ObjectSource): { bytes: Uint8Array; name: string } {
  if (source instanceof Uint8Array) {
    // A copy: libbpf reads it while it opens, and what was checked must be what libbpf sees.
    return { bytes: Uint8Array.from(source), name: 'object' }
  }
  const path = pathOf(source)
  try {
    return { bytes: new Uint8Array(readFileSync(path)), name: nameOf(path) }
  } catch (cause) {
    throw new BpfError({
      operation: 'open object',
      subject: path,
      problem: cause instanceof Error ? cause.message : String(cause),
      hint: isMissing(cause)
        ? 'Has the BPF program been compiled? `clang -g -O2 -target bpf -c prog.bpf.c` makes it.'
        : undefined,
      cause,
    })
  }
}

function pathOf(source: string | URL): string {
  if (typeof source === 'string') return source
  if (source.protocol === 'file:') return fileURLToPath(source)
  throw new BpfError({
    operation: 'open object',
    subject: source.href,
    expected: 'a file: URL',
    got: `${source.protocol} `.trim(),
    hint: 'Read it yourself and pass the bytes.',
  })
}

function nameOf(path: string): string {
  return basename(path).replace(/(\.bpf)?\.o$/, '') || 'object'
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
