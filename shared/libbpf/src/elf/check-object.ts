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
 * Checks an object file before libbpf sees it.
 *
 * @throws BpfError that says what is wrong with the object.
 */
export function checkObject(bytes: Uint8Array, subject: string): void {
  let elf: ElfFile
  try {
    elf = parseElf(bytes)
    checkHeader(elf)
  } catch (error) {
    throw openError(error, subject)
  }
  checkContents(elf, subject)
}

/**
 * Checks everything in an object file that libbpf reads without checking: libbpf 1.1 dies of one in a
 * hundred damaged objects and takes Node with it.
 *
 * @throws BpfError that says what is wrong with the object.
 */
export function checkContents(elf: ElfFile, subject: string): void {
  try {
    checkSymbols(elf)
    checkRelocations(elf)
    const btf = elf.section('.BTF')
    if (btf) checkBtf(elf, btf.data)
  } catch (error) {
    throw openError(error, subject)
  }
}

/** The same error, as one of opening the object. */
function openError(error: unknown, subject: string): unknown {
  if (!(error instanceof BpfError)) return error
  const problem = error.message.split('\n')[0] ?? ''
  return new BpfError({
    operation: 'open object',
    subject,
    problem,
    hint: error.hint,
    cause: error,
  })
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
