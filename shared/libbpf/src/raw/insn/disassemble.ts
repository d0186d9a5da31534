import { helperName } from './helper-names.ts'
import type { Insn } from './insn.ts'
import { encodeInsns, slotsOf } from './insn.ts'
import {
  ALU,
  ALU_OPERATORS,
  ATOMIC,
  ATOMIC_NAMES,
  CALL,
  CLASS,
  JMP,
  JMP_OPERATORS,
  LD_IMM64,
  MODE,
  PSEUDO,
  SIZE,
  SIZE_NAMES,
  SOURCE,
} from './opcodes.ts'

/** Names for what an instruction alone does not tell. */
export interface InsnNames {
  /** Name of the called function, for calls that are no plain helper number. */
  call?(insn: Insn): string | undefined
  /** Text for the value of a 64-bit immediate load. */
  imm64?(insn: Insn): string | undefined
}

/**
 * One instruction as text, as the verifier and `bpftool prog dump xlated` print it, without number
 * and opcode: `r0 = *(u32 *)(r1 +4)`.
 *
 * @see kernel/bpf/disasm.c
 */
export function disassemble(insn: Insn, names: InsnNames = {}): string {
  const text = disassembleClass(insn, names)
  return text ?? `.8byte 0x${hexBytes(insn)}`
}

/**
 * A whole program as text, one line an instruction, numbered by slot: `  12: (85) call bpf_ktime_get_ns#5`.
 */
export function disassembleProgram(insns: readonly Insn[], names: InsnNames = {}): string {
  let slot = 0
  const lines: string[] = []
  for (const insn of insns) {
    const code = insn.code.toString(16).padStart(2, '0')
    // "% 4d": a blank even before numbers of four digits.
    lines.push(`${` ${slot}`.padStart(4)}: (${code}) ${disassemble(insn, names)}`)
    slot += slotsOf(insn)
  }
  return lines.join('\n')
}

function disassembleClass(insn: Insn, names: InsnNames): string | undefined {
  switch (insn.code & 0x07) {
    case CLASS.ALU:
    case CLASS.ALU64:
      return alu(insn)
    case CLASS.JMP:
    case CLASS.JMP32:
      return jump(insn, names)
    case CLASS.LD:
      return load(insn, names)
    case CLASS.LDX:
      return loadFromRegister(insn)
    case CLASS.ST:
      return storeImmediate(insn)
    default:
      return storeRegister(insn)
  }
}

function alu({ code, dst, src, off, imm }: Insn): string | undefined {
  const wide = (code & 0x07) === CLASS.ALU64
  const prefix = wide ? 'r' : 'w'
  const operation = code & 0xf0
  const target = `${prefix}${dst}`
  if (operation === ALU.END) {
    if (wide && (code & SOURCE.X) !== 0) return undefined
    const order = wide ? 'bswap' : (code & SOURCE.X) !== 0 ? 'be' : 'le'
    return `r${dst} = ${order}${imm} r${dst}`
  }
  if (operation === ALU.NEG) {
    return (code & SOURCE.X) === 0 ? `${target} = -${target}` : undefined
  }
  const operator = ALU_OPERATORS.get(operation)
  if (operator === undefined) return undefined
  const fromRegister = (code & SOURCE.X) !== 0
  if (operation === ALU.MOV && fromRegister && wide && off === 1) {
    return `r${dst} = addr_space_cast(r${src}, ${imm >>> 16}, ${imm & 0xffff})`
  }
  const sign = (operation === ALU.DIV || operation === ALU.MOD) && off === 1 ? 's' : ''
  const extension =
    operation === ALU.MOV && fromRegister && (off === 8 || off === 16 || off === 32)
      ? `(s${off})`
      : ''
  const operand = fromRegister ? `${extension}${prefix}${src}` : String(imm)
  return `${target} ${sign}${operator} ${operand}`
}

function jump(insn: Insn, names: InsnNames): string | undefined {
  const { code, dst, src, off, imm } = insn
  const wide = (code & 0x07) === CLASS.JMP
  const operation = code & 0xf0
  const fromRegister = (code & SOURCE.X) !== 0
  switch (operation) {
    case JMP.CALL:
      return wide ? call(insn, names) : undefined
    case JMP.EXIT:
      return wide && !fromRegister ? 'exit' : undefined
    case JMP.JA:
      if (fromRegister) return wide ? `gotox r${dst}` : undefined
      return wide ? `goto pc${signed(off)}` : `gotol pc${signed(imm)}`
    case JMP.JCOND:
      return wide && !fromRegister && src === 0 ? `may_goto pc${signed(off)}` : undefined
  }
  const operator = JMP_OPERATORS.get(operation)
  if (operator === undefined) return undefined
  const prefix = wide ? 'r' : 'w'
  const operand = fromRegister ? `${prefix}${src}` : `0x${(imm >>> 0).toString(16)}`
  return `if ${prefix}${dst} ${operator} ${operand} goto pc${signed(off)}`
}

function call(insn: Insn, names: InsnNames): string | undefined {
  const { code, dst, src, imm } = insn
  if ((code & SOURCE.X) !== 0) return `callx r${dst}`
  const named = names.call?.(insn)
  if (src === CALL.PSEUDO_CALL) return `call pc${named ?? signed(imm)}`
  const builtIn = src === CALL.HELPER ? helperName(imm) : undefined
  return `call ${builtIn ?? named ?? (src === CALL.KFUNC ? 'kernel-function' : 'unknown')}#${imm}`
}

function load(insn: Insn, names: InsnNames): string | undefined {
  const { code, dst, src, imm } = insn
  const size = SIZE_NAMES.get(code & 0x18) ?? ''
  switch (code & 0xe0) {
    case MODE.ABS:
      return `r0 = *(${size} *)skb[${imm}]`
    case MODE.IND:
      return `r0 = *(${size} *)skb[r${src} + ${imm}]`
  }
  if (code !== LD_IMM64) return undefined
  return `r${dst} = ${names.imm64?.(insn) ?? immediate64(insn)}`
}

/** The forms of bpftool (tools/bpf/bpftool/xlated_dumper.c), with `fd` where no id is known yet. */
function immediate64({ src, imm, imm64 = 0n }: Insn): string {
  const high = Number(BigInt.asIntN(32, imm64 >> 32n))
  switch (src) {
    case PSEUDO.MAP_FD:
      return `map[fd:${imm}]`
    case PSEUDO.MAP_VALUE:
      return `map[fd:${imm}][0]+${high >>> 0}`
    case PSEUDO.BTF_ID:
      return high === 0 ? `btf_id[${imm}]` : `btf_id[${imm}] fd:${high}`
    case PSEUDO.FUNC:
      return `subprog[${signed(imm)}]`
    case PSEUDO.MAP_IDX:
      return `map[idx:${imm}]`
    case PSEUDO.MAP_IDX_VALUE:
      return `map[idx:${imm}][0]+${high >>> 0}`
    default:
      return `0x${imm64.toString(16)}`
  }
}

function loadFromRegister({ code, dst, src, off }: Insn): string | undefined {
  const mode = code & 0xe0
  const size = SIZE_NAMES.get(code & 0x18) ?? ''
  if (mode === MODE.MEM) return `r${dst} = *(${size} *)(r${src} ${signed(off)})`
  if (mode !== MODE.MEMSX || size === 'u64') return undefined
  return `r${dst} = *(${size.replace('u', 's')} *)(r${src} ${signed(off)})`
}

function storeImmediate({ code, dst, off, imm }: Insn): string | undefined {
  if ((code & 0xe0) === 0xc0) return 'nospec' // BPF_NOSPEC, which only the kernel itself inserts
  if ((code & 0xe0) !== MODE.MEM) return undefined
  return `*(${SIZE_NAMES.get(code & 0x18)} *)(r${dst} ${signed(off)}) = ${imm}`
}

function storeRegister(insn: Insn): string | undefined {
  const { code, dst, src, off } = insn
  const place = `*)(r${dst} ${signed(off)})`
  const mode = code & 0xe0
  if (mode === MODE.MEM) return `*(${SIZE_NAMES.get(code & 0x18)} ${place} = r${src}`
  return mode === MODE.ATOMIC ? atomic(insn) : undefined
}

function atomic({ code, dst, src, off, imm }: Insn): string | undefined {
  const size = SIZE_NAMES.get(code & 0x18) ?? ''
  const width = (code & 0x18) === SIZE.DW ? '64' : ''
  const place = `(${size} *)(r${dst} ${signed(off)})`
  switch (imm) {
    case ATOMIC.XCHG:
      return `r${src} = atomic${width}_xchg(${place}, r${src})`
    case ATOMIC.CMPXCHG:
      return `r0 = atomic${width}_cmpxchg(${place}, r0, r${src})`
    case ATOMIC.LOAD_ACQ:
      return `r${dst} = load_acquire((${size} *)(r${src} ${signed(off)}))`
    case ATOMIC.STORE_REL:
      return `store_release(${place}, r${src})`
  }
  const name = ATOMIC_NAMES.get(imm & ~ATOMIC.FETCH)
  if (name === undefined) return undefined
  if ((imm & ATOMIC.FETCH) !== 0) return `r${src} = atomic${width}_fetch_${name}(${place}, r${src})`
  return `lock *${place} ${ALU_OPERATORS.get(imm)} r${src}`
}

function signed(n: number): string {
  return n < 0 ? String(n) : `+${n}`
}

function hexBytes(insn: Insn): string {
  const bytes = encodeInsns([insn])
  return new DataView(bytes.buffer).getBigUint64(0, true).toString(16).padStart(16, '0')
}
