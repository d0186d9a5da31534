/**
 * How one C type lies in memory: reads it from bytes and writes it back.
 *
 * `read` trusts the caller that `size` bytes are there (a `DataView` throws a `RangeError`
 * otherwise); `write` checks the value, because what it accepts ends up in the kernel.
 *
 * `W` is what it takes to write a `T`: of a union, one member is enough.
 */
export interface Codec<T, W = T> {
  /** Bytes the type takes, `sizeof` in C: a flexible array member at its end adds nothing. */
  readonly size: number
  /**
   * Decodes the value that begins at byte `at`.
   *
   * @param end First byte after the record, which a flexible array member (`T x[]`) reads up to.
   * Without it such a member is empty.
   */
  read(view: DataView, at: number, end?: number): T
  /**
   * Encodes `value` from byte `at` on; padding becomes zero, since the kernel compares keys by bytes.
   *
   * @param name What the value is, for the error: `event.pid`.
   * @throws BpfError when the value has the wrong type, is out of range or too long.
   */
  write(view: DataView, at: number, value: W, name?: string): void
}

/** The type a codec decodes to. */
export type Decoded<C> = C extends Codec<infer T, any> ? T : never

/** Sets `size` bytes from `at` on to zero. */
export function zeroFill(view: DataView, at: number, size: number): void {
  if (size > 64) new Uint8Array(view.buffer, view.byteOffset + at, size).fill(0)
  // For a few bytes the typed array costs more than the bytes.
  else for (let index = 0; index < size; index++) view.setUint8(at + index, 0)
}

/** Decodes a value that fills `bytes`; a flexible array member takes what is left. */
export function decode<T>(codec: Codec<T, never>, bytes: Uint8Array): T {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return codec.read(view, 0, bytes.byteLength)
}

/**
 * Encodes a value into fresh bytes of the codec's size.
 *
 * @throws BpfError when the value does not fit the type.
 */
export function encode<W>(
  codec: Codec<unknown, W>,
  value: W,
  name?: string,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(codec.size)
  codec.write(new DataView(bytes.buffer), 0, value, name)
  return bytes
}
