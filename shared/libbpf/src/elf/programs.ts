import { SHF_EXECINSTR, STB_LOCAL, STT_FUNC } from './constants.ts'
import type { ElfFile } from './elf.ts'

/** A program of an object: a function that the kernel calls. */
export interface ElfProgram {
  readonly name: string
  /** What `SEC()` says, `?` included. */
  readonly section: string
  /** Bytes from the start of the section. */
  readonly offset: number
  readonly size: number
}

/**
 * The programs of an object in the file's order. As in libbpf, functions in `.text` are subprograms
 * unless there is exactly one.
 */
export function elfPrograms(elf: ElfFile): ElfProgram[] {
  const programs = elf.symbols
    .filter(({ type, binding, section }) => {
      const flags = elf.sections[section]?.flags ?? 0
      return type === STT_FUNC && binding !== STB_LOCAL && (flags & SHF_EXECINSTR) !== 0
    })
    .map(({ name, section, value, size }) => ({
      name,
      section: elf.sections[section]?.name ?? '',
      offset: value,
      size,
    }))
  return programs.length > 1 ? programs.filter(({ section }) => section !== '.text') : programs
}
