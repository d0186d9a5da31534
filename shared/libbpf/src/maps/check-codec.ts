import { bytes } from '../codec/arrays.ts'
import type { Codec } from '../codec/codec.ts'
import { BpfError } from '../errors/bpf-error.ts'

/**
 * The codec of a map's keys or values: the given one if it has the map's size, raw bytes if none is given.
 *
 * @throws {BpfError} if the sizes differ: the kernel would copy more or fewer bytes than the codec knows
 */
export function codecOfSize<T, W = T>(
  codec: Codec<unknown> | undefined,
  size: number,
  what: 'key' | 'value',
  map: string,
): Codec<T, W> {
  // The caller's type parameter states what the codec decodes to; nothing can check it at run time.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  if (codec === undefined) return bytes(size) as Codec<unknown> as Codec<T, W>
  if (codec.size !== size) {
    throw new BpfError({
      operation: 'open map',
      subject: map,
      expected: `a ${what} codec of ${size} bytes`,
      got: `one of ${codec.size}`,
      hint: 'The types were made for another build of the object, or of another map: generate them again.',
    })
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return codec as Codec<T, W>
}
