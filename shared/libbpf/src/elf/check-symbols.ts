import { BpfError } from '../errors/bpf-error.ts'
import * as c from './constants.ts'
import type { ElfFile, ElfSection, ElfSymbol } from './elf.ts'
import { elfPrograms } from './programs.ts'

const INSTRUCTION = 8

/** Sections that libbpf finds by name: two of one name would not be the ones that were checked. */
const SPECIAL =
  /^(?:\.BTF|\.BTF\.ext|\.maps|maps|\.text|license|version|\??\.struct_ops(?:\.link)?|\.addr_space\.1|\.(?:rodata|data|bss)(?:\..*)?)$/

/**
 * Checks that symbols lie within their sections and sections are of the type libbpf takes them for.
 *
 * @throws BpfError that names the first that does not.
 */
export function checkSymbols(elf: ElfFile): void {
  checkSections(elf)
  for (const symbol of elf.symbols) checkSymbol(elf, symbol)
  checkNames(
    'program',
    elfPrograms(elf).map(({ name }) => name),
  )
}

/**
 * Checks that each program, or each map, has a name and no other has the same.
 *
 * @throws BpfError otherwise.
 */
export function checkNames(what: string, names: readonly string[]): void {
  const seen = new Set<string>()
  for (const name of names) {
    if (name === '') throw broken(what, 'a name', 'none')
    if (seen.has(name)) throw broken(`${what} ${name}`, 'one of this name', 'two')
    seen.add(name)
  }
}

function checkSections(elf: ElfFile): void {
  const tables = elf.sections.filter(({ type }) => type === c.SHT_SYMTAB)
  const [table] = tables
  if (!table || tables.length > 1) {
    throw broken('symbol table', 'one', `${tables.length}`, 'do not strip the object')
  }
  if (table.entrySize !== 24)
    throw broken('symbol table', 'entries of 24 bytes', `${table.entrySize}`)
  const seen = new Set<string>()
  for (const section of elf.sections.slice(1)) {
    if (!SPECIAL.test(section.name)) continue
    if (seen.has(section.name)) throw broken(section.name, 'one section of this name', 'two')
    seen.add(section.name)
    checkSectionType(section)
  }
}

function checkSectionType(section: ElfSection): void {
  const isBss = section.name === '.bss' || section.name.startsWith('.bss.')
  const types = isBss ? [c.SHT_NOBITS] : [c.SHT_PROGBITS]
  // An empty .bss may be either; arena variables have no bytes in the file if they are zero.
  if (isBss && section.size === 0) return
  if (section.name === '.addr_space.1') types.push(c.SHT_NOBITS)
  if (!types.includes(section.type)) {
    throw broken(`section ${section.name}`, `type ${types.join(' or ')}`, `${section.type}`)
  }
  if ((section.flags & c.SHF_COMPRESSED) !== 0) {
    throw broken(`section ${section.name}`, 'not to be compressed', 'SHF_COMPRESSED')
  }
  if (section.size > MAX_SIZE) {
    throw broken(`section ${section.name}`, `at most ${MAX_SIZE} bytes`, `${section.size}`)
  }
}

/** A map of more would not fit the kernel's 32-bit value_size. */
const MAX_SIZE = 0x7fff_ffff

function checkSymbol(elf: ElfFile, symbol: ElfSymbol): void {
  const { section: index, value, size, type } = symbol
  if (index === c.SHN_UNDEF || index === c.SHN_ABS || index === c.SHN_COMMON) return
  const section = elf.sections[index]
  if (!section) {
    throw broken(label(symbol), `a section below ${elf.sections.length}`, `${index}`)
  }
  if (value + size > section.size) {
    const got = `${size} bytes at ${value}`
    throw broken(label(symbol), `to lie within the ${section.size} bytes of ${section.name}`, got)
  }
  const isCode = (section.flags & c.SHF_EXECINSTR) !== 0 && type === c.STT_FUNC
  if (isCode && (value % INSTRUCTION !== 0 || size % INSTRUCTION !== 0 || size === 0)) {
    throw broken(label(symbol), 'whole instructions of 8 bytes', `${size} bytes at ${value}`)
  }
}

const label = ({ index, name }: ElfSymbol): string => `symbol ${index}${name ? ` (${name})` : ''}`

function broken(subject: string, expected: string, got: string, hint?: string): BpfError {
  return new BpfError({
    operation: 'read ELF',
    subject,
    expected,
    got,
    hint: hint ?? 'the file is damaged: build it again',
  })
}
