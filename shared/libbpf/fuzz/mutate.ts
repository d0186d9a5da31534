import type { Random } from './random.ts'

/** What is done to the bytes of a valid object. */
export type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array

const SECTION_HEADER = 64
/** Numbers at the edges of what readers expect. */
const EDGES = [0, 1, 0x7f, 0xff, 0xff00, 0xfff1, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]

/** Sets one to eight bytes to anything. */
const someBytes: Mutation = (bytes, random) => {
  const count = 1 + random.below(8)
  for (let index = 0; index < count; index++) {
    bytes[random.below(bytes.length)] = random.below(256)
  }
  return bytes
}

/** Sets a 32-bit word to a number at an edge, or a little beside what it was. */
const oneWord: Mutation = (bytes, random) => {
  const view = new DataView(bytes.buffer)
  const at = random.below(Math.floor(bytes.length / 4)) * 4
  view.setUint32(at, wordFor(view, at, random), true)
  return bytes
}

/** The same in the section of a random name, for sections are small beside debug information. */
const sectionWord: Mutation = (bytes, random) => {
  const view = new DataView(bytes.buffer)
  const header = sectionHeader(view, random)
  const [offset, size] = [
    Number(view.getBigUint64(header + 24, isLittle(view))),
    Number(view.getBigUint64(header + 32, isLittle(view))),
  ]
  if (size < 4 || offset + size > bytes.length) return bytes
  const at = offset + random.below(Math.floor(size / 4)) * 4
  view.setUint32(at, wordFor(view, at, random), true)
  return bytes
}

/** Changes a field of a section header. */
const sectionField: Mutation = (bytes, random) => {
  const view = new DataView(bytes.buffer)
  const at = sectionHeader(view, random) + random.below(16) * 4
  view.setUint32(at, wordFor(view, at, random), true)
  return bytes
}

/** Exchanges two section headers. */
const swapSections: Mutation = (bytes, random) => {
  const view = new DataView(bytes.buffer)
  const [one, other] = [sectionHeader(view, random), sectionHeader(view, random)]
  const held = bytes.slice(one, one + SECTION_HEADER)
  bytes.copyWithin(one, other, other + SECTION_HEADER)
  bytes.set(held, other)
  return bytes
}

/** Cuts the end off. */
const truncate: Mutation = (bytes, random) => bytes.slice(0, random.below(bytes.length))

/** Copies a stretch of the file over another. */
const copyRange: Mutation = (bytes, random) => {
  const length = 1 + random.below(256)
  const from = random.below(bytes.length)
  bytes.copyWithin(random.below(bytes.length), from, Math.min(bytes.length, from + length))
  return bytes
}

/** Fills a stretch with one byte. */
const fillRange: Mutation = (bytes, random) => {
  const from = random.below(bytes.length)
  return bytes.fill(random.pick([0, 0xff, 0x41]), from, from + 1 + random.below(64))
}

const MUTATIONS = {
  someBytes,
  oneWord,
  sectionWord,
  sectionWordTwice: (bytes, random) => sectionWord(sectionWord(bytes, random), random),
  sectionField,
  swapSections,
  truncate,
  copyRange,
  fillRange,
} as const satisfies Record<string, Mutation>

/** One of the mutations, by name. */
export type MutationName = keyof typeof MUTATIONS

/** Damages a copy of an object in one way that the random numbers choose. */
export function mutate(
  object: Uint8Array,
  random: Random,
): { bytes: Uint8Array; mutation: MutationName } {
  const names = ['someBytes', 'oneWord', 'sectionWord', 'sectionWordTwice', 'sectionField'] as const
  const rare = ['swapSections', 'truncate', 'copyRange', 'fillRange'] as const
  const mutation = random.below(4) === 0 ? random.pick(rare) : random.pick(names)
  return { bytes: MUTATIONS[mutation](Uint8Array.from(object), random), mutation }
}

/** Byte order as the file says it (EI_DATA). */
const isLittle = (view: DataView): boolean => view.getUint8(5) === 1

function sectionHeader(view: DataView, random: Random): number {
  const table = Number(view.getBigUint64(40, isLittle(view)))
  const count = view.getUint16(60, isLittle(view))
  return table + random.below(count) * SECTION_HEADER
}

function wordFor(view: DataView, at: number, random: Random): number {
  if (random.below(2) === 0) return EDGES[random.below(EDGES.length)] ?? 0
  return (view.getUint32(at, true) + random.below(33) - 16) >>> 0
}
