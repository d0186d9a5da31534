const magic = 0x184c2102
const blockSize = 8 << 20

/** Whether this is what `lz4 -l` writes, which the Linux kernel's build packs kernels with. */
export const isLegacyLz4 = (packed: Buffer): boolean =>
  packed.length >= 4 && packed.readUInt32LE(0) === magic

/**
 * Unpacks LZ4's legacy frame: a magic number, then blocks of at most 8 MiB unpacked, each
 * preceded by its packed size. Node has no LZ4, and what this takes is less than a dependency.
 * Format: lz4_Frame_format.md, "Legacy frame", and lz4_Block_format.md in LZ4's sources.
 * @param size how many bytes come out
 * @throws RangeError if the data is damaged.
 */
export function unpackLegacyLz4(packed: Buffer, size: number): Buffer {
  if (!isLegacyLz4(packed)) throw new RangeError('not a legacy LZ4 frame')
  const output = Buffer.alloc(size)
  let written = 0
  for (let at = 4; at < packed.length;) {
    const end = at + 4 + packed.readUInt32LE(at)
    if (end > packed.length) throw new RangeError('an LZ4 block is cut off')
    written = unpackBlock(packed, at + 4, end, output, written)
    at = end
  }
  if (written !== size) throw new RangeError(`LZ4: ${written} bytes unpacked instead of ${size}`)
  return output
}

/** Unpacks one block behind what `output` has already, and returns where it ends there. */
function unpackBlock(from: Buffer, start: number, end: number, output: Buffer, begin: number) {
  let at = start
  let to = begin
  const byte = (): number => {
    if (at >= end) throw new RangeError('an LZ4 block is cut off')
    return from[at++] ?? 0
  }
  // Four bits hold 0–14; 15 means that bytes to add follow, up to the first that is not 255.
  const length = (bits: number): number => {
    if (bits < 15) return bits
    let sum = bits
    for (let more = 255; more === 255; sum += more) more = byte()
    return sum
  }
  for (;;) {
    const token = byte()
    const literals = length(token >> 4)
    if (at + literals > end || to + literals > output.length) {
      throw new RangeError('LZ4: literals beyond the end')
    }
    from.copy(output, to, at, at + literals)
    at += literals
    to += literals
    if (at === end) return to
    const distance = byte() | (byte() << 8)
    const count = length(token & 15) + 4
    if (distance === 0 || distance > to - begin || to + count > output.length) {
      throw new RangeError('LZ4: a match beyond what is there')
    }
    if (to + count - begin > blockSize) throw new RangeError('LZ4: a block of more than 8 MiB')
    // A match may overlap what it makes: byte by byte, or repeating what is there already.
    if (distance >= count) output.copyWithin(to, to - distance, to - distance + count)
    else for (let i = to; i < to + count; i++) output[i] = output[i - distance] ?? 0
    to += count
  }
}
