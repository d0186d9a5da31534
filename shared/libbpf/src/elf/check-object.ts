import { Btf } from '../btf/btf.ts'
import { parseBtfExt } from '../btf/ext.ts'
import { checkTypes } from '../btf/validate.ts'
import { hostIsLittleEndian } from '../codec/byte-order.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { checkSymbols } from './check-symbols.ts'
import { checkRelocations } from './check-relocations.ts'
import { checkDataSections } from './check-sections.ts'
import { EM_BPF, ET_REL } from './constants.ts'
import { type ElfFile, parseElf } from './elf.ts'

/**
 * Checks everything of an object file that libbpf reads without checking, before libbpf sees it:
 * libbpf 1.1 dies of one in a hundred damaged objects and takes Node with it.
 *
 * @throws BpfError that says what is wrong with the object.
 */
export function checkObject(bytes: Uint8Array, subject: string): void {
  try {
    const elf = parseElf(bytes)
    checkHeader(elf)
    checkSymbols(elf)
    checkRelocations(elf)
    const btf = elf.section('.BTF')
    if (btf) checkBtf(elf, btf.data)
  } catch (cause) {
    if (!(cause instanceof BpfError)) throw cause
    const problem = cause.message.split('\n')[0] ?? ''
    throw new BpfError({ operation: 'open object', subject, problem, hint: cause.hint, cause })
  }
}

function checkHeader(elf: ElfFile): void {
  if (elf.littleEndian !== hostIsLittleEndian) {
    throw new BpfError({
      operation: 'read ELF',
      expected: `this machine's byte order (${order(hostIsLittleEndian)})`,
      got: order(elf.littleEndian),
      hint: 'compile with -target bpf, which takes the byte order of the machine that compiles',
    })
  }
  if (elf.machine !== EM_BPF || elf.type !== ET_REL) {
    throw new BpfError({
      operation: 'read ELF',
      expected: `a relocatable file (type ${ET_REL}) for BPF (machine ${EM_BPF})`,
      got: `type ${elf.type}, machine ${elf.machine}`,
      hint: 'compile with clang -target bpf -c',
    })
  }
}

const order = (littleEndian: boolean): string => (littleEndian ? 'little-endian' : 'big-endian')

function checkBtf(elf: ElfFile, data: Uint8Array): void {
  const btf = Btf.parse(data)
  checkTypes(btf)
  checkDataSections(elf, btf)
  const ext = elf.section('.BTF.ext')
  if (ext) parseBtfExt(ext.data, btf)
}
