import type { HasFd } from './attr.ts'
import { disassembleProgram } from './insn/disassemble.ts'
import type { InsnNames } from './insn/disassemble.ts'
import type { Insn } from './insn/insn.ts'
import { decodeInsns } from './insn/insn.ts'
import { CALL, PSEUDO } from './insn/opcodes.ts'
import { kernelSymbols } from './kernel-symbols.ts'
import { objectInfo } from './objects.ts'

/** The instructions of a loaded program, after the verifier's rewriting. */
export interface Xlated {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly insns: readonly Insn[]
  /** One line an instruction, with map ids and function names, as `bpftool prog dump xlated` prints them. */
  readonly text: string
}

/**
 * Reads the instructions of a loaded program back from the kernel.
 *
 * @throws BpfError when the descriptor is no program; without CAP_SYS_ADMIN the dump is empty
 */
export function xlated(program: HasFd): Xlated {
  const lengths = objectInfo('prog', program)
  const bytes = new Uint8Array(lengths.u32('xlated_prog_len'))
  const ksyms = new BigUint64Array(lengths.u32('nr_jited_ksyms'))
  objectInfo('prog', program, {
    xlated_prog_insns: bytes,
    xlated_prog_len: bytes.length,
    jited_ksyms: ksyms,
    nr_jited_ksyms: ksyms.length,
  })
  const insns = decodeInsns(bytes)
  return { bytes, insns, text: disassembleProgram(insns, dumpNames([...ksyms])) }
}

function dumpNames(ksyms: readonly bigint[]): InsnNames {
  const symbols = kernelSymbols()
  return {
    imm64: loadedImmediate,
    call(insn) {
      if (insn.src !== CALL.PSEUDO_CALL) {
        const address = symbols.callBase + BigInt(insn.imm)
        return symbols.nameAt(address) ?? `0x${BigInt.asUintN(64, address).toString(16)}`
      }
      // After loading, `off` is the distance and `imm` the number of the subprogram.
      const distance = insn.off < 0 ? String(insn.off) : `+${insn.off}`
      const address = ksyms[insn.imm]
      if (address === undefined) return distance
      return `${distance}#${symbols.nameAt(address) ?? `0x${address.toString(16)}`}`
    },
  }
}

/** In a dump, what was a file descriptor has become the map's id. */
function loadedImmediate({ src, imm, imm64 = 0n }: Insn): string | undefined {
  const high = Number(imm64 >> 32n)
  if (src === PSEUDO.MAP_FD) return `map[id:${imm}]`
  if (src === PSEUDO.MAP_VALUE) return `map[id:${imm}][0]+${high}`
  return undefined
}
