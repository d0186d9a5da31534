import { SHT_GNU_VERSYM, STB_WEAK, STT_FUNC } from './constants.ts'
import { type ElfFile, type ElfSymbol, parseElf } from './elf.ts'

/** `VERSYM_HIDDEN`: an old version of a symbol, which only programs that ask for it by version get (glibc, elf.h). */
const HIDDEN = 0x8000

/**
 * Where the functions of a program or library are in its file, by name; what it only imports is not among them.
 * @throws BpfError when it is not a 64-bit ELF file
 */
export function functionOffsets(bytes: Uint8Array): ReadonlyMap<string, bigint> {
  const file = parseElf(bytes)
  const isHidden = hiddenIn(file)
  const found = new Map<string, ElfSymbol>()
  for (const symbol of [...file.dynamicSymbols.filter((one) => !isHidden(one)), ...file.symbols]) {
    if (symbol.type !== STT_FUNC || symbol.section === 0) continue
    if (found.has(symbol.name) && symbol.binding === STB_WEAK) continue
    found.set(symbol.name, symbol)
  }
  return new Map([...found].map(([name, symbol]) => [name, offsetOf(symbol, file)]))
}

function offsetOf({ value, section }: ElfSymbol, { sections }: ElfFile): bigint {
  const { address = 0, offset = 0 } = sections[section] ?? {}
  return BigInt(value - address + offset)
}

function hiddenIn({ sections, littleEndian }: ElfFile): (symbol: ElfSymbol) => boolean {
  const versions = sections.find(({ type }) => type === SHT_GNU_VERSYM)?.data
  if (!versions) return () => false
  const view = new DataView(versions.buffer, versions.byteOffset, versions.byteLength)
  return ({ index }) =>
    index * 2 + 2 <= versions.length && (view.getUint16(index * 2, littleEndian) & HIDDEN) !== 0
}
