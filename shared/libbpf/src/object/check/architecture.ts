import { Btf } from '../../btf/btf.ts'
import type { ElfFile } from '../../elf/elf.ts'
import { BpfError } from '../../errors/bpf-error.ts'

type Architecture = 'x86' | 'arm64'

/** Types that only programs compiled for one architecture mention: its registers (bpf/bpf_tracing.h). */
const REGISTERS: readonly (readonly [struct: string, member: string, of: Architecture])[] = [
  ['pt_regs', 'di', 'x86'],
  ['pt_regs', 'ax', 'x86'],
  ['pt_regs', 'rdi', 'x86'],
  ['user_pt_regs', 'regs', 'arm64'],
  ['pt_regs___arm64', 'orig_x0', 'arm64'],
]

/** What `__TARGET_ARCH_…` must say on this machine. */
const host: Architecture = process.arch === 'arm64' ? 'arm64' : 'x86'

/**
 * Checks that an object does not read the registers of another architecture, which the verifier cannot notice: the
 * program would load and read the wrong ones.
 * @throws {BpfError} if it does
 */
export function checkArchitecture(elf: ElfFile, name: string): void {
  const section = elf.section('.BTF')
  if (!section) return
  const found = registersOf(Btf.parse(section.data))
  if (found.size === 0 || found.has(host)) return
  throw new BpfError({
    operation: 'open object',
    subject: name,
    expected: `an object compiled for ${host}`,
    got: `one that reads the registers of ${[...found].join(' and ')}`,
    hint: `Compile it with -D__TARGET_ARCH_${host}, or open it with { anyArchitecture: true } if those programs are not used.`,
  })
}

function registersOf(btf: Btf): Set<Architecture> {
  const found = new Set<Architecture>()
  for (const [struct, member, architecture] of REGISTERS) {
    const type = btf.find(struct, 'struct')
    if (type?.members.some(({ name }) => name === member)) found.add(architecture)
  }
  return found
}
