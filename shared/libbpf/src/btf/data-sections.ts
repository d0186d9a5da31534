import { SHF_ALLOC, SHF_EXECINSTR, STB_LOCAL } from '../elf/constants.ts'
import type { ElfFile, ElfSymbol } from '../elf/elf.ts'
import type { Btf } from './btf.ts'
import { alignOf, sizeOf } from './layout.ts'
import type { BtfDataSection, BtfVariable } from './types.ts'

/** A section of global variables as libbpf makes a map of it. */
export interface DataSection {
  /** As in the ELF file: `.rodata`, `.data.custom`. */
  readonly name: string
  readonly size: number
  /** Whether user space may write after load: false for `.rodata*` and `.kconfig`. */
  readonly writable: boolean
  readonly variables: readonly DataVariable[]
}

/** One global variable; static ones are left out as in libbpf's skeletons, they are the compiler's. */
export interface DataVariable {
  readonly name: string
  /** Bytes from the start of the section. */
  readonly offset: number
  readonly variable: BtfVariable
}

/** `.rodata`, `.data`, `.bss` and their custom kin, `.kconfig`, and `.addr_space.1` for what lies in an arena. */
const DATA = /^\.(?:rodata|data|bss|kconfig)(?:\.|$)|^\.addr_space\.1$/

/** The data sections of an object in the BTF's order, their offsets taken from the ELF's symbols. */
export function dataSections(elf: ElfFile, btf: Btf): DataSection[] {
  const symbols = globalSymbols(elf)
  const sections: DataSection[] = []
  for (const type of btf.types()) {
    if (type.kind !== 'datasec' || !DATA.test(type.name)) continue
    const section =
      type.name === '.kconfig' ? kconfigSection(btf, type) : elfSection(elf, btf, type, symbols)
    if (section && section.variables.length > 0) sections.push(section)
  }
  return sections
}

/** clang leaves offsets of global variables at 0; libbpf and this take them from the symbols. */
function elfSection(
  elf: ElfFile,
  btf: Btf,
  datasec: BtfDataSection,
  symbols: ReadonlyMap<string, ElfSymbol>,
): DataSection | undefined {
  const section = elf.section(datasec.name)
  if (!section) return undefined
  const variables = globalVariables(btf, datasec).flatMap(({ variable, offset }) => {
    const symbol = symbols.get(variable.name)
    if (symbol && symbol.section !== section.index) return []
    return [{ name: variable.name, offset: symbol?.value ?? offset, variable }]
  })
  return {
    name: datasec.name,
    size: section.size,
    writable: !datasec.name.startsWith('.rodata'),
    variables: variables
      .filter((item) => item.offset + sizeOf(btf, item.variable.type) <= section.size)
      .toSorted((a, b) => a.offset - b.offset),
  }
}

function globalVariables(btf: Btf, datasec: BtfDataSection) {
  return datasec.variables.flatMap(({ type, offset }) => {
    const variable = btf.type(type)
    return variable.kind === 'var' && variable.linkage !== 'static' ? [{ variable, offset }] : []
  })
}

/**
 * `.kconfig` is in no file: libbpf lays the externs out, widest alignment first, then by size and
 * name (`cmp_externs` and `bpf_object__collect_externs` in libbpf.c).
 */
function kconfigSection(btf: Btf, datasec: BtfDataSection): DataSection {
  const externs = globalVariables(btf, datasec).map(({ variable }) => ({
    variable,
    size: sizeOf(btf, variable.type),
    align: alignOf(btf, variable.type),
  }))
  externs.sort(
    (a, b) =>
      b.align - a.align || a.size - b.size || compareNames(a.variable.name, b.variable.name),
  )
  let end = 0
  const variables = externs.map(({ variable, size, align }) => {
    const offset = Math.ceil(end / align) * align
    end = offset + size
    return { name: variable.name, offset, variable }
  })
  return { name: datasec.name, size: end, writable: false, variables }
}

/** By code unit, as strcmp(3) does for the ASCII of C names. */
const compareNames = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function globalSymbols(elf: ElfFile): Map<string, ElfSymbol> {
  const data = elf.symbols.filter(({ binding, section }) => {
    const flags = elf.sections[section]?.flags ?? 0
    return binding !== STB_LOCAL && (flags & SHF_ALLOC) !== 0 && (flags & SHF_EXECINSTR) === 0
  })
  return new Map(data.map((symbol) => [symbol.name, symbol]))
}
