import { BpfError } from '../errors/bpf-error.ts'
import type { Btf } from '../btf/btf.ts'
import { sizeOf } from '../btf/layout.ts'
import type { BtfDataSection, BtfType } from '../btf/types.ts'
import { checkNames } from './check-symbols.ts'
import type { ElfFile } from './elf.ts'

/** Sections that exist in BTF only. */
const VIRTUAL = ['.kconfig', '.ksyms']

/**
 * Checks that the variables which BTF knows lie within their ELF sections.
 *
 * @throws BpfError that names the first that does not.
 */
export function checkDataSections(elf: ElfFile, btf: Btf): void {
  for (const type of btf.types()) {
    if (type.kind !== 'datasec' || VIRTUAL.includes(type.name)) continue
    const section = elf.section(type.name)
    // Sections of extern functions have no bytes either.
    if (section) checkVariables(btf, type, section.size)
    if (MAPS.test(type.name)) {
      checkNames(
        'map',
        type.variables.map((variable) => btf.type(variable.type).name),
      )
    }
  }
}

/** Sections whose variables become maps under their names. */
const MAPS = /^(?:\.maps|\??\.struct_ops(?:\.link)?)$/

function checkVariables(btf: Btf, datasec: BtfDataSection, size: number): void {
  for (const entry of datasec.variables) {
    const type = btf.type(entry.type)
    if (type.kind !== 'var' || type.linkage === 'extern') continue
    const needed = Math.max(entry.size, declaredSize(btf, type))
    if (entry.offset + needed <= size) continue
    throw new BpfError({
      operation: 'read BTF',
      subject: `variable ${type.name}`,
      expected: `to lie within the ${size} bytes of ${datasec.name}`,
      got: `${needed} bytes at ${entry.offset}`,
      hint: 'the file is damaged: build it again',
    })
  }
}

function declaredSize(btf: Btf, variable: Extract<BtfType, { kind: 'var' }>): number {
  return btf.type(variable.type).kind === 'void' ? 0 : sizeOf(btf, variable.type)
}
