import { hostIsLittleEndian } from '../../codec/byte-order.ts'
import { checkContents } from '../../elf/check-object.ts'
import { EM_BPF, ET_REL } from '../../elf/constants.ts'
import { parseElf } from '../../elf/elf.ts'
import type { ElfFile } from '../../elf/elf.ts'
import { BpfError } from '../../errors/bpf-error.ts'

const COMPILE = 'Compile it with: clang -g -O2 -target bpf -c prog.bpf.c'

/** e_machine of the ELF files that end up here by mistake (elf.h). */
const MACHINES: Readonly<Record<number, string>> = {
  3: 'x86',
  62: 'x86-64',
  183: 'arm64',
  243: 'RISC-V',
}

/**
 * Checks an object file before libbpf sees it: libbpf 1.1 dies of some malformed ones.
 * @throws {BpfError} if it is not an ELF file, damaged, not BPF, or of the other byte order
 */
export function checkObject(bytes: Uint8Array, name: string): ElfFile {
  const elf = parse(bytes, name)
  const fail = (expected: string, got: string, hint?: string): never => {
    throw new BpfError({ operation: 'open object', subject: name, expected, got, hint })
  }
  if (elf.machine !== EM_BPF) {
    const machine = MACHINES[elf.machine] ?? `machine ${elf.machine}`
    fail('an ELF file for BPF', `one for ${machine}`, COMPILE)
  }
  if (elf.littleEndian !== hostIsLittleEndian) {
    fail(
      `${order(hostIsLittleEndian)} BPF, as this machine is`,
      order(elf.littleEndian),
      `Compile it with -target bpf${hostIsLittleEndian ? 'el' : 'eb'}.`,
    )
  }
  if (elf.type !== ET_REL) {
    fail('a relocatable object file', `an ELF file of type ${elf.type}`, COMPILE)
  }
  if (elf.section('.maps') && !elf.section('.BTF')) {
    fail('BTF, which describes the maps', 'an object without .BTF section', COMPILE)
  }
  if (elf.section('maps')) {
    fail(
      'maps defined in SEC(".maps")',
      'the old SEC("maps")',
      'Define them with __uint() and __type(), which libbpf has needed since 1.0.',
    )
  }
  checkContents(elf, name)
  return elf
}

const order = (little: boolean): string => (little ? 'little-endian' : 'big-endian')

function parse(bytes: Uint8Array, name: string): ElfFile {
  try {
    return parseElf(bytes)
  } catch (cause) {
    if (!(cause instanceof BpfError)) throw cause
    throw new BpfError({
      operation: 'open object',
      subject: name,
      problem: cause.message,
      hint: cause.hint ?? COMPILE,
      cause,
    })
  }
}
