import { type ElfFile, type Insn, type Xlated, decodeInsns, disassemble } from '@ebpf-labs/libbpf'

/** A section of an object file, and what a person wants to know of it. */
export interface Section {
  name: string
  bytes: number
  about: string
}

/** An instruction in the file, and what the kernel has in its place. */
export interface Pair {
  /** Its number, in steps of 8 bytes; one with a 64-bit value takes two. */
  number: number
  file: string
  kernel: string
}

/** Types of symbols and a flag of sections (elf.h). */
const STT_OBJECT = 1
const STT_FUNC = 2
const SHF_EXECINSTR = 4
/** Bytes of struct bpf_insn (linux/bpf.h), and of Elf64_Rel. */
const INSN_SIZE = 8
const RELOCATION_SIZE = 16

const wellKnown: Record<string, string> = {
  '.BTF': 'the types of all that',
  '.BTF.ext': 'the line of C that each instruction comes from',
  '.symtab': 'where each function and variable is',
}

/** The sections that matter to libbpf and the kernel, in the order of the file. */
export function sectionsOf(elf: ElfFile): Section[] {
  return elf.sections.flatMap((section) => {
    const { name, size: bytes, index } = section
    const symbols = (kind: number) =>
      elf.symbols.filter(({ section: at, type }) => at === index && type === kind)
    const functions = symbols(STT_FUNC).map(
      (symbol) => `${symbol.name}(), ${symbol.size / INSN_SIZE} instructions`,
    )
    const variables = symbols(STT_OBJECT).map((symbol) => symbol.name)
    const about = wellKnown[name] ?? [...functions, ...variables].join(', ')
    const places = functions.length > 0 ? elf.relocations(section) : []
    return [
      ...(about === '' || bytes === 0 ? [] : [{ name, bytes, about }]),
      ...(places.length === 0 ? [] : [relocations(name, places, elf)]),
    ]
  })
}

/** The section that says where in another one the address of something is missing. */
function relocations(name: string, places: readonly { symbol: number }[], elf: ElfFile): Section {
  const wanted = places.map(({ symbol }) => {
    const found = elf.symbols[symbol]
    return found?.name || elf.sections[found?.section ?? 0]?.name // a section's symbol has no name
  })
  const bytes = places.length * RELOCATION_SIZE
  return { name: `.rel${name}`, bytes, about: `where it needs an address: ${wanted.join(', ')}` }
}

/** The instructions as libbpf gives them to the kernel: the program, then the functions of `.text` that it calls. */
export function instructionsOf(elf: ElfFile): Insn[] {
  const code = elf.sections.filter(({ flags }) => (flags & SHF_EXECINSTR) !== 0)
  const order = code.toSorted((a, b) => Number(a.name === '.text') - Number(b.name === '.text'))
  return order.flatMap(({ data }) => decodeInsns(data, elf.littleEndian))
}

/** How many instructions the kernel counts: one with a 64-bit value is two. */
export function countOf(insns: readonly Insn[]): number {
  return insns.reduce((sum, { imm64 }) => sum + (imm64 === undefined ? 1 : 2), 0)
}

/** The instructions of a file beside those of the loaded program; only the latter if the verifier added or removed some. */
export function compare(file: readonly Insn[], { insns, text }: Xlated): Pair[] {
  const lines = text.split('\n').map((line) => line.replace(/^ *\d+: \(\w\w\) /, ''))
  const sameCount = countOf(file) === countOf(insns)
  return insns.map((_, n) => {
    const original = sameCount ? file[n] : undefined
    return {
      number: countOf(insns.slice(0, n)),
      file: original ? disassemble(original) : '',
      kernel: lines[n] ?? '',
    }
  })
}
