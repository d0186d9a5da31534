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
 * Checks that an object was not compiled for another architecture, which the verifier cannot notice: the program would load and read
 * the wrong registers, or count the wrong system calls. The debug information tells if the compiler recorded its command line there
 * (clang -grecord-command-line, as the labs are compiled); if not, the registers that programs read tell.
 * @throws {BpfError} if it was
 */
export function checkArchitecture(elf: ElfFile, name: string): void {
  const recorded = recordedIn(elf)
  if (recorded === host) return
  if (recorded !== undefined) throw wrong(name, `one compiled with -D__TARGET_ARCH_${recorded}`)
  const section = elf.section('.BTF')
  if (!section) return
  const found = registersOf(Btf.parse(section.data))
  if (found.size === 0 || found.has(host)) return
  throw wrong(name, `one that reads the registers of ${[...found].join(' and ')}`)
}

const wrong = (name: string, got: string): BpfError =>
  new BpfError({
    operation: 'open object',
    subject: name,
    expected: `an object compiled for ${host}`,
    got,
    hint: `Compile it with -D__TARGET_ARCH_${host}, or open it with { anyArchitecture: true } if nothing in it depends on that.`,
  })

/** What the compiler's command line said, by DW_AT_producer's string. */
function recordedIn(elf: ElfFile): string | undefined {
  const strings = elf.section('.debug_str')?.data
  if (!strings) return undefined
  const text = Buffer.from(strings.buffer, strings.byteOffset, strings.length).toString('latin1')
  return /-D ?__TARGET_ARCH_(\w+)/.exec(text)?.[1]
}

function registersOf(btf: Btf): Set<Architecture> {
  const found = new Set<Architecture>()
  for (const [struct, member, architecture] of REGISTERS) {
    const type = btf.find(struct, 'struct')
    if (type?.members.some(({ name }) => name === member)) found.add(architecture)
  }
  return found
}
