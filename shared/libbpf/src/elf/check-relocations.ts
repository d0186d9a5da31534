import { BpfError } from '../errors/bpf-error.ts'
import * as c from './constants.ts'
import type { ElfFile, ElfRelocation, ElfSection } from './elf.ts'

const INSTRUCTION = 8
/** `BPF_LD | BPF_IMM | BPF_DW`, the one instruction that takes two slots. */
const LOAD_IMM64 = 0x18
/** R_BPF_64_64, _ABS64, _ABS32, _NODYLD32, _64_32 (Documentation/bpf/llvm_reloc.rst). */
const TYPES = [1, 2, 3, 4, 10]

/** Data sections whose relocations libbpf applies: map definitions and struct_ops hold pointers. */
const POINTERS = /^(?:\.maps|\??\.struct_ops(?:\.link)?)$/

/**
 * Checks the relocations of programs, maps and struct_ops: that they apply to something and refer to
 * a symbol.
 *
 * @throws BpfError that names the first that does not.
 */
export function checkRelocations(elf: ElfFile): void {
  for (const section of elf.sections) {
    if (section.type !== c.SHT_REL) continue
    const target = elf.sections[section.info]
    if (!target) {
      const expected = `a target below ${elf.sections.length}`
      throw broken(`relocations ${section.name}`, expected, `section ${section.info}`)
    }
    if (section.entrySize !== 16) {
      throw broken(`relocations ${section.name}`, 'entries of 16 bytes', `${section.entrySize}`)
    }
    checkTable(elf, section, target)
  }
}

function checkTable(elf: ElfFile, section: ElfSection, target: ElfSection): void {
  const isCode = (target.flags & c.SHF_EXECINSTR) !== 0
  const named = section.name.replace(/^\.rel/, '')
  if (!isCode && !POINTERS.test(named) && !POINTERS.test(target.name)) return
  for (const relocation of elf.relocations(target)) {
    const name = `relocation at ${relocation.offset} of ${target.name}`
    if (relocation.symbol >= elf.symbols.length) {
      throw broken(name, `a symbol below ${elf.symbols.length}`, `${relocation.symbol}`)
    }
    if (!TYPES.includes(relocation.type)) {
      throw broken(name, `a type of ${TYPES.join(', ')}`, `${relocation.type}`)
    }
    const needed = isCode ? lengthAt(target, relocation) : 8
    const unaligned = isCode && relocation.offset % INSTRUCTION !== 0
    if (unaligned || relocation.offset + needed > target.data.length) {
      throw broken(name, `an offset within ${target.data.length} bytes`, `${relocation.offset}`)
    }
  }
}

const lengthAt = (target: ElfSection, { offset }: ElfRelocation): number =>
  target.data[offset] === LOAD_IMM64 ? 2 * INSTRUCTION : INSTRUCTION

function broken(subject: string, expected: string, got: string): BpfError {
  const hint = 'the file is damaged: build it again'
  return new BpfError({ operation: 'read ELF', subject, expected, got, hint })
}
