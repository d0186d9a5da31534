/** Numbers of the ELF format that BPF objects use (`<elf.h>`, elf(5)). */

export const EM_BPF = 247
export const ET_REL = 1

export const SHT_NULL = 0
export const SHT_PROGBITS = 1
export const SHT_SYMTAB = 2
export const SHT_STRTAB = 3
export const SHT_RELA = 4
export const SHT_NOBITS = 8
export const SHT_REL = 9
export const SHT_DYNSYM = 11
export const SHT_GNU_VERSYM = 0x6fffffff

export const SHF_WRITE = 1
export const SHF_ALLOC = 2
export const SHF_EXECINSTR = 4
export const SHF_COMPRESSED = 0x800

export const SHN_UNDEF = 0
export const SHN_LORESERVE = 0xff00
export const SHN_ABS = 0xfff1
export const SHN_COMMON = 0xfff2
export const SHN_XINDEX = 0xffff

export const STT_NOTYPE = 0
export const STT_OBJECT = 1
export const STT_FUNC = 2
export const STT_SECTION = 3
export const STT_FILE = 4

export const STB_LOCAL = 0
export const STB_GLOBAL = 1
export const STB_WEAK = 2

export const STV_INTERNAL = 1
export const STV_HIDDEN = 2
