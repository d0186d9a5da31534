import { BpfError } from '../../errors/bpf-error.ts'
import { LD_IMM64 } from './opcodes.ts'

/** Bytes of one instruction slot (`struct bpf_insn`). */
export const INSN_SIZE = 8

/** One instruction; a 64-bit immediate load counts as one here although it takes two slots. */
export interface Insn {
  /** Opcode. */
  readonly code: number
  /** Destination register, 0–10. */
  readonly dst: number
  /** Source register, or what kind of call or immediate it is. */
  readonly src: number
  /** Signed 16-bit offset; of a jump, in slots from the next instruction on. */
  readonly off: number
  /** Signed 32-bit immediate; the low half of `imm64` if that is there. */
  readonly imm: number
  /** The whole value of a 64-bit immediate load. */
  readonly imm64?: bigint
}

/** How many slots an instruction takes: two for a 64-bit immediate load, else one. */
export function slotsOf(insn: Insn): number {
  return insn.code === LD_IMM64 ? 2 : 1
}

/**
 * Reads instructions as they lie in an ELF section, in BPF_PROG_LOAD or in an xlated dump.
 *
 * @param littleEndian byte order of the file; the kernel's own is the machine's
 * @throws BpfError when the length is no multiple of 8 or a 64-bit load is cut in half
 */
export function decodeInsns(bytes: Uint8Array, littleEndian = true): Insn[] {
  if (bytes.byteLength % INSN_SIZE !== 0) {
    throw new BpfError({
      operation: 'decode instructions',
      expected: `a multiple of ${INSN_SIZE} bytes`,
      got: `${bytes.byteLength}`,
    })
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const insns: Insn[] = []
  for (let at = 0; at < bytes.byteLength; at += INSN_SIZE) {
    const code = view.getUint8(at)
    const registers = view.getUint8(at + 1)
    const [dst, src] = littleEndian
      ? [registers & 0xf, registers >> 4]
      : [registers >> 4, registers & 0xf]
    const off = view.getInt16(at + 2, littleEndian)
    const imm = view.getInt32(at + 4, littleEndian)
    if (code !== LD_IMM64) {
      insns.push({ code, dst, src, off, imm })
      continue
    }
    at += INSN_SIZE
    if (at >= bytes.byteLength) {
      throw new BpfError({
        operation: 'decode instructions',
        problem: `the 64-bit load in the last slot (${at / INSN_SIZE - 1}) lacks its second half`,
      })
    }
    const high = BigInt(view.getUint32(at + 4, littleEndian))
    insns.push({ code, dst, src, off, imm, imm64: (high << 32n) | BigInt(imm >>> 0) })
  }
  return insns
}

/**
 * The bytes of instructions, as the `insns` of BPF_PROG_LOAD want them.
 *
 * @throws BpfError when a register, an offset or an immediate is out of range
 */
export function encodeInsns(insns: readonly Insn[], littleEndian = true): Uint8Array<ArrayBuffer> {
  const slots = insns.reduce((sum, insn) => sum + slotsOf(insn), 0)
  const bytes = new Uint8Array(slots * INSN_SIZE)
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const insn of insns) {
    check(insn, at / INSN_SIZE)
    const { code, dst, src, off } = insn
    view.setUint8(at, code)
    view.setUint8(at + 1, littleEndian ? dst | (src << 4) : (dst << 4) | src)
    view.setInt16(at + 2, off, littleEndian)
    const wide = insn.imm64 ?? BigInt(insn.imm >>> 0)
    view.setInt32(at + 4, Number(BigInt.asIntN(32, wide)), littleEndian)
    at += INSN_SIZE
    if (code !== LD_IMM64) continue
    view.setInt32(at + 4, Number(BigInt.asIntN(32, wide >> 32n)), littleEndian)
    at += INSN_SIZE
  }
  return bytes
}

function check({ code, dst, src, off, imm }: Insn, slot: number): void {
  const limits = [
    ['opcode', code, 0, 0xff],
    ['destination register', dst, 0, 15],
    ['source register', src, 0, 15],
    ['offset', off, -0x8000, 0x7fff],
    ['immediate', imm, -0x80000000, 0xffffffff],
  ] as const
  for (const [what, value, min, max] of limits) {
    if (Number.isInteger(value) && value >= min && value <= max) continue
    throw new BpfError({
      operation: 'encode instruction',
      subject: String(slot),
      expected: `${what} from ${min} to ${max}`,
      got: String(value),
    })
  }
}
