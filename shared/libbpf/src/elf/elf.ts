import { BpfError } from '../errors/bpf-error.ts'
import * as elf from './constants.ts'
import { Reader, cString } from './reader.ts'

/** One section of an ELF file (`Elf64_Shdr`). */
export interface ElfSection {
  readonly index: number
  readonly name: string
  /** `SHT_…` */
  readonly type: number
  /** `SHF_…` bits. */
  readonly flags: number
  /** Where it is in memory, before the file is moved as a whole. */
  readonly address: number
  readonly offset: number
  /** Bytes in memory; `data` is empty for `SHT_NOBITS` (.bss) all the same. */
  readonly size: number
  readonly link: number
  readonly info: number
  readonly alignment: number
  readonly entrySize: number
  /** What the file holds, not copied. */
  readonly data: Uint8Array
}

/** One symbol (`Elf64_Sym`). */
export interface ElfSymbol {
  readonly index: number
  readonly name: string
  /** Offset within its section. */
  readonly value: number
  readonly size: number
  /** `STT_…` */
  readonly type: number
  /** `STB_…` */
  readonly binding: number
  /** `STV_…` */
  readonly visibility: number
  /** Index of its section, or an `SHN_…` value. */
  readonly section: number
}

/** One relocation (`Elf64_Rel` or `Elf64_Rela`). */
export interface ElfRelocation {
  readonly offset: number
  /** `R_BPF_…` */
  readonly type: number
  /** Index into the symbol table. */
  readonly symbol: number
  readonly addend: bigint
}

/** A 64-bit ELF file of either byte order, its tables checked to lie within the file. */
export interface ElfFile {
  readonly littleEndian: boolean
  /** `EM_…` */
  readonly machine: number
  /** `ET_…` */
  readonly type: number
  readonly sections: readonly ElfSection[]
  /** Empty for a file without symbol table. */
  readonly symbols: readonly ElfSymbol[]
  /** What a shared library offers and needs; still there when the file was stripped. */
  readonly dynamicSymbols: readonly ElfSymbol[]
  /** The first section of this name. */
  section(name: string): ElfSection | undefined
  /** What applies to a section, in the file's order. */
  relocations(target: ElfSection): ElfRelocation[]
}

const OPERATION = 'read ELF'
const HEADER_SIZE = 64
const SECTION_HEADER_SIZE = 64
const SYMBOL_SIZE = 24

/** Reads an ELF file's header, sections and symbols.
 *
 * @throws BpfError when it is not a 64-bit ELF file or a table points outside of it.
 */
export function parseElf(bytes: Uint8Array): ElfFile {
  const reader = new Reader(bytes, byteOrder(bytes), OPERATION, 'ELF file')
  reader.need(0, HEADER_SIZE, 'ELF header')
  const sections = readSections(reader)
  const names = new Map(sections.toReversed().map((section) => [section.name, section]))
  return {
    littleEndian: reader.littleEndian,
    type: reader.u16(16),
    machine: reader.u16(18),
    sections,
    symbols: readSymbols(reader, sections, elf.SHT_SYMTAB),
    dynamicSymbols: readSymbols(reader, sections, elf.SHT_DYNSYM),
    section: (name) => names.get(name),
    relocations: (target) =>
      sections
        .filter(
          ({ type, info }) =>
            (type === elf.SHT_REL || type === elf.SHT_RELA) && info === target.index,
        )
        .flatMap((section) => readRelocations(section, reader.littleEndian)),
  }
}

/** Checks the identification (`e_ident`); true for the low byte first. */
function byteOrder(bytes: Uint8Array): boolean {
  const magic = [0x7f, 0x45, 0x4c, 0x46]
  if (!magic.every((byte, at) => bytes[at] === byte)) {
    throw malformed('magic number', '7f 45 4c 46 (an ELF file)', hex(bytes.subarray(0, 4)), NOT_ELF)
  }
  if (bytes[4] !== 2) {
    throw malformed('class', '64-bit (2)', `${bytes[4]}`, 'compile with clang -target bpf')
  }
  if (bytes[5] !== 1 && bytes[5] !== 2) {
    throw malformed('byte order', 'little (1) or big (2)', `${bytes[5]}`)
  }
  return bytes[5] === 1
}

const NOT_ELF = 'give the .bpf.o that clang -target bpf -c made, not its source'

function readSections(reader: Reader): ElfSection[] {
  const table = reader.u64(40)
  if (table === 0) return []
  if (reader.u16(58) !== SECTION_HEADER_SIZE) {
    throw malformed('section header size', `${SECTION_HEADER_SIZE}`, `${reader.u16(58)}`)
  }
  reader.need(table, SECTION_HEADER_SIZE, 'section header table')
  // From 0xff00 sections on, the count and the index of the names move into section 0 (elf(5)).
  const count = reader.u16(60) || reader.u64(table + 32)
  const namesIndex = reader.u16(62) === elf.SHN_XINDEX ? reader.u32(table + 40) : reader.u16(62)
  reader.need(table, count * SECTION_HEADER_SIZE, 'section header table')
  if (namesIndex >= count) {
    throw malformed('index of section names', `below ${count} sections`, `${namesIndex}`)
  }
  const names = sectionData(reader, table + namesIndex * SECTION_HEADER_SIZE, 'section names')
  return Array.from({ length: count }, (_, index) =>
    readSection(reader, table + index * SECTION_HEADER_SIZE, index, names),
  )
}

function readSection(reader: Reader, at: number, index: number, names: Uint8Array): ElfSection {
  const name = index === 0 ? '' : cString(names, reader.u32(at))
  if (name === undefined) {
    throw malformed(
      `name of section ${index}`,
      `an offset below ${names.length}`,
      `${reader.u32(at)}`,
    )
  }
  return {
    index,
    name,
    type: reader.u32(at + 4),
    flags: reader.u64(at + 8),
    address: reader.u64(at + 16),
    offset: reader.u64(at + 24),
    size: reader.u64(at + 32),
    link: reader.u32(at + 40),
    info: reader.u32(at + 44),
    alignment: reader.u64(at + 48),
    entrySize: reader.u64(at + 56),
    data: sectionData(reader, at, `section ${index} (${name})`),
  }
}

function sectionData(reader: Reader, header: number, part: string): Uint8Array {
  const type = reader.u32(header + 4)
  if (type === elf.SHT_NULL || type === elf.SHT_NOBITS) return new Uint8Array()
  const [offset, size] = [reader.u64(header + 24), reader.u64(header + 32)]
  reader.need(offset, size, part)
  return reader.bytes.subarray(offset, offset + size)
}

function readSymbols(reader: Reader, sections: ElfSection[], type: number): ElfSymbol[] {
  const table = sections.find((section) => section.type === type)
  if (!table) return []
  const names = sections[table.link]
  if (names?.type !== elf.SHT_STRTAB) {
    throw malformed('names of symbols', 'a string table', `section ${table.link}`)
  }
  if (table.size % SYMBOL_SIZE !== 0) {
    throw malformed('symbol table', `a multiple of ${SYMBOL_SIZE} bytes`, `${table.size} bytes`)
  }
  return Array.from({ length: table.size / SYMBOL_SIZE }, (_, index) =>
    readSymbol(reader, table.offset + index * SYMBOL_SIZE, index, names.data),
  )
}

function readSymbol(reader: Reader, at: number, index: number, names: Uint8Array): ElfSymbol {
  const offset = reader.u32(at)
  const name = offset === 0 ? '' : cString(names, offset)
  if (name === undefined) {
    throw malformed(`name of symbol ${index}`, `an offset below ${names.length}`, `${offset}`)
  }
  const info = reader.view.getUint8(at + 4)
  return {
    index,
    name,
    value: reader.u64(at + 8),
    size: reader.u64(at + 16),
    type: info & 0xf,
    binding: info >> 4,
    visibility: reader.view.getUint8(at + 5) & 3,
    section: reader.u16(at + 6),
  }
}

function readRelocations(section: ElfSection, littleEndian: boolean): ElfRelocation[] {
  const withAddend = section.type === elf.SHT_RELA
  const entry = withAddend ? 24 : 16
  if (section.size % entry !== 0) {
    throw malformed(section.name, `a multiple of ${entry} bytes`, `${section.size} bytes`)
  }
  const reader = new Reader(section.data, littleEndian, OPERATION, section.name)
  return Array.from({ length: section.size / entry }, (_, index) => {
    const at = index * entry
    // r_info is one 64-bit word: type in its low half, symbol in its high half.
    const [type, symbol] = littleEndian ? [at + 8, at + 12] : [at + 12, at + 8]
    return {
      offset: reader.u64(at),
      type: reader.u32(type),
      symbol: reader.u32(symbol),
      addend: withAddend ? reader.i64(at + 16) : 0n,
    }
  })
}

const hex = (bytes: Uint8Array): string =>
  bytes.length === 0 ? 'no bytes' : [...bytes].map((b) => b.toString(16).padStart(2, '0')).join(' ')

const DAMAGED = 'the file is damaged: build it again'

function malformed(subject: string, expected: string, got: string, hint = DAMAGED): BpfError {
  return new BpfError({ operation: OPERATION, subject, expected, got, hint })
}
