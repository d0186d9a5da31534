import { parseElf } from '../../elf/elf.ts'
import { elfPrograms } from '../../elf/programs.ts'
import { BpfError } from '../../errors/bpf-error.ts'
import { decodeInsns } from '../../raw/insn/insn.ts'
import { CLASS, JMP, LD_IMM64 } from '../../raw/insn/opcodes.ts'
import { Btf } from '../btf.ts'
import { type CoreRelocation, type CoreRelocationKind, parseBtfExt } from '../ext.ts'
import { resolve } from '../layout.ts'

/** One instruction that libbpf adapts to the kernel's types when it loads the program. */
export interface RelocatedInsn {
  readonly program: string
  /** Number of the instruction within the program, 8 bytes each: an index into what libbpf loads. */
  readonly slot: number
  readonly kind: CoreRelocationKind
  /** What it is about, in the words of C: `task_struct.real_parent`, `struct task_struct`. */
  readonly target: string
  /** What clang wrote there, by the types it was given. */
  readonly value: bigint
}

/** What libbpf makes of an instruction whose type or field the kernel lacks: a call of this helper. */
const POISON = 0xbad_2310

/**
 * The CO-RE relocations of an object's programs, in the order of the file.
 *
 * @throws BpfError when the object is damaged; an object without relocations has none.
 */
export function coreRelocations(bytes: Uint8Array): RelocatedInsn[] {
  const elf = parseElf(bytes)
  const ext = elf.section('.BTF.ext')
  if (!ext) return []
  const btf = Btf.fromElf(bytes)
  const programs = elfPrograms(elf)
  return parseBtfExt(ext.data, btf).relocations.flatMap((relocation) => {
    const { section, offset, kind } = relocation
    const program = programs.find(
      (one) => one.section === section && offset >= one.offset && offset < one.offset + one.size,
    )
    if (!program) return [] // of a function that libbpf copies into the programs that call it
    const slot = (offset - program.offset) / 8
    const code = elf.section(section)?.data.subarray(program.offset, program.offset + program.size)
    const value = relocatedValue(code ?? new Uint8Array(), slot, elf.littleEndian)
    if (value === undefined) throw damaged(program.name, slot)
    return [{ program: program.name, slot, kind, target: targetOf(btf, relocation), value }]
  })
}

/**
 * The value that a relocation sets in an instruction: offset of a load or store, else the immediate.
 *
 * @param code instructions as in the file, or as libbpf hands them to the kernel ({@link Program.instructions})
 * @returns undefined where libbpf found no such type or field and put a call that the verifier rejects
 * @throws BpfError when there is no such instruction
 */
export function relocatedValue(
  code: Uint8Array,
  slot: number,
  littleEndian = true,
): bigint | undefined {
  const wide = code[slot * 8] === LD_IMM64 ? 16 : 8
  const [insn] = decodeInsns(code.subarray(slot * 8, slot * 8 + wide), littleEndian)
  if (!insn) {
    throw new BpfError({
      operation: 'read relocated instruction',
      expected: `one of ${code.length / 8}`,
      got: `number ${slot}`,
    })
  }
  if (insn.code === (CLASS.JMP | JMP.CALL) && insn.imm === POISON) return undefined
  if (insn.imm64 !== undefined) return insn.imm64
  const group = insn.code & 7
  const memory = group === CLASS.LDX || group === CLASS.ST || group === CLASS.STX
  return BigInt(memory ? insn.off : insn.imm)
}

/** Follows the indices of a relocation through its types (`bpf_core_parse_spec` in libbpf's relo_core.c). */
function targetOf(btf: Btf, { type: root, access, kind }: CoreRelocation): string {
  const type = resolve(btf, root)
  const [first = 0, ...rest] = access.split(':').map(Number)
  if (kind.startsWith('type_')) return [keyword(type.kind), btf.type(root).name].join('')
  if (kind.startsWith('enum_')) {
    const value = type.kind === 'enum' || type.kind === 'enum64' ? type.values[first]?.name : ''
    return `${type.name}.${value}`
  }
  let path = btf.type(root).name + (first > 0 ? `[${first}]` : '')
  let at = type
  for (const index of rest) {
    if (at.kind === 'struct' || at.kind === 'union') {
      const member = at.members[index]
      if (!member) return path
      if (member.name !== '') path += `.${member.name}` // an anonymous one is not written in C
      at = resolve(btf, member.type)
    } else if (at.kind === 'array') {
      path += `[${index}]`
      at = resolve(btf, at.type)
    }
  }
  return path
}

const keyword = (kind: string): string =>
  ['struct', 'union', 'enum'].includes(kind) ? `${kind} ` : kind === 'enum64' ? 'enum ' : ''

function damaged(program: string, slot: number): BpfError {
  return new BpfError({
    operation: 'read relocations of program',
    subject: program,
    problem: `instruction ${slot} has nothing to relocate`,
    hint: 'the file is damaged: build it again',
  })
}
