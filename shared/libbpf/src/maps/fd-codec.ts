import { hostIsLittleEndian as le } from '../codec/byte-order.ts'
import type { Codec } from '../codec/codec.ts'
import { BpfError } from '../errors/bpf-error.ts'

/** A file descriptor, or something that has one: a program, a map, a pidfd. */
export type FdSource = number | { readonly fd: number }

/**
 * The number of a file descriptor.
 *
 * @throws {BpfError} if it is not one; the kernel would take another file for it
 */
export function fdOf(source: FdSource, name = 'file descriptor'): number {
  const fd = typeof source === 'object' && source !== null ? source.fd : source
  if (Number.isInteger(fd) && fd >= 0 && fd <= 0x7fff_ffff) return fd
  throw new BpfError({
    operation: 'encode',
    subject: name,
    expected: 'a file descriptor, or an object with an `fd`',
    got: typeof fd === 'number' ? String(fd) : typeof fd,
  })
}

/** A file descriptor in 4 bytes (the rest of an 8-byte value is zero). Reading gives the number that is there. */
export function fdCodec(size: number): Codec<FdSource> {
  return {
    size,
    read: (view, at) => view.getUint32(at, le),
    write(view, at, source, name) {
      if (size === 8) view.setBigUint64(at, 0n)
      view.setUint32(le || size === 4 ? at : at + 4, fdOf(source, name), le)
    },
  }
}
