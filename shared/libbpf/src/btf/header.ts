import { BpfError } from '../errors/bpf-error.ts'
import { Reader } from '../elf/reader.ts'
import { hostIsLittleEndian } from '../codec/byte-order.ts'
import { EXTRA, KINDS } from './kinds.ts'

const MAGIC = 0xeb9f
const HEADER_SIZE = 24
const WORDS_IN_TYPE = 3

/** What `struct btf_header` and one pass over the types tell. */
export interface BtfTable {
  /** The type section as 32-bit words in this machine's byte order. */
  readonly words: Uint32Array
  /** For each type, the word it begins at; the first one has the id that follows the base's last. */
  readonly starts: Uint32Array
  readonly strings: Uint8Array
  readonly littleEndian: boolean
}

/**
 * Checks the header and finds where each type begins; reads no name and makes no object.
 *
 * @throws BpfError when it is not BTF or its parts do not fit.
 */
export function readTable(bytes: Uint8Array): BtfTable {
  const littleEndian = byteOrder(bytes)
  const reader = new Reader(bytes, littleEndian, 'read BTF', 'BTF')
  reader.need(0, HEADER_SIZE, 'header')
  const headerSize = reader.u32(4)
  if (headerSize < HEADER_SIZE || headerSize % 4 !== 0) {
    throw malformed('header', `at least ${HEADER_SIZE} bytes, in words`, `${headerSize} bytes`)
  }
  const [typeOffset, typeSize] = [reader.u32(8), reader.u32(12)]
  const [stringOffset, stringSize] = [reader.u32(16), reader.u32(20)]
  reader.need(headerSize + typeOffset, typeSize, 'types')
  reader.need(headerSize + stringOffset, stringSize, 'strings')
  if (typeOffset % 4 !== 0 || typeSize % 4 !== 0) {
    throw malformed('types', 'whole 32-bit words', `${typeSize} bytes at ${typeOffset}`)
  }
  const types = bytes.subarray(headerSize + typeOffset, headerSize + typeOffset + typeSize)
  const strings = bytes.subarray(headerSize + stringOffset, headerSize + stringOffset + stringSize)
  if (stringSize > 0 && strings[stringSize - 1] !== 0) {
    throw malformed('strings', 'a NUL at the end', `byte ${strings[stringSize - 1]}`)
  }
  const words = toWords(types, littleEndian)
  return { words, starts: findStarts(words), strings, littleEndian }
}

function byteOrder(bytes: Uint8Array): boolean {
  const [first, second] = bytes
  if (first === (MAGIC & 0xff) && second === MAGIC >> 8) return true
  if (first === MAGIC >> 8 && second === (MAGIC & 0xff)) return false
  throw malformed('magic number', '0xeb9f', `bytes ${first ?? 'none'}, ${second ?? 'none'}`)
}

function toWords(types: Uint8Array, littleEndian: boolean): Uint32Array {
  const swapped = littleEndian !== hostIsLittleEndian
  if (!swapped && types.byteOffset % 4 === 0) {
    return new Uint32Array(types.buffer, types.byteOffset, types.length / 4)
  }
  const own = Uint8Array.from(types)
  if (swapped) Buffer.from(own.buffer).swap32()
  return new Uint32Array(own.buffer)
}

function findStarts(words: Uint32Array): Uint32Array {
  const fixed = Uint8Array.from(EXTRA, ([size]) => size / 4)
  const each = Uint8Array.from(EXTRA, ([, size]) => size / 4)
  const starts = new Uint32Array(Math.floor(words.length / WORDS_IN_TYPE))
  let count = 0
  let at = 0
  while (at + WORDS_IN_TYPE <= words.length) {
    const info = words[at + 1] ?? 0
    const kind = (info >>> 24) & 0x1f
    if (kind === 0 || kind >= KINDS.length) throw unknownKind(count + 1, kind)
    starts[count++] = at
    at += WORDS_IN_TYPE + (fixed[kind] ?? 0) + (info & 0xffff) * (each[kind] ?? 0)
  }
  if (at !== words.length) {
    throw malformed(
      'types',
      `${words.length * 4} bytes of whole types`,
      `a type that ends at ${at * 4}`,
    )
  }
  return starts.subarray(0, count)
}

function unknownKind(position: number, kind: number): BpfError {
  return new BpfError({
    operation: 'read BTF',
    subject: `type at position ${position}`,
    expected: `a kind from 1 to ${KINDS.length - 1}`,
    got: `${kind}`,
    hint: 'the BTF is damaged, or of a newer format than this package knows',
  })
}

/** The error of BTF that does not hold together. */
export function malformed(subject: string, expected: string, got: string): BpfError {
  const hint = 'the BTF is damaged: build the object again with clang -g'
  return new BpfError({ operation: 'read BTF', subject, expected, got, hint })
}
