import type { Insn } from '../raw/insn/insn.ts'
import { ALU, CLASS, JMP, LD_IMM64, MODE, SOURCE } from '../raw/insn/opcodes.ts'
import { parseInsn } from '../raw/insn/parse-insn.ts'
import type { LogStep } from './log.ts'

/** What one instruction does to registers and stack slots, by the verifier's names: `R3`, `fp-8`. */
export interface Effects {
  /** What it gives a new value. */
  readonly writes?: string
  /** Where that value comes from unchanged, if it is a copy, a spill or a fill. */
  readonly copies?: string
  /** What else goes into the new value. */
  readonly uses: readonly string[]
  /** What a conditional jump looks at. */
  readonly tests: readonly string[]
  /** The register that a load or store goes through. */
  readonly base?: string
  /** A call: it also makes R1 to R5 unreadable. */
  readonly calls: boolean
}

const NOTHING: Effects = { uses: [], tests: [], calls: false }

/** What an instruction of the log does; nothing for text that cannot be read. */
export function effectsOf(step: LogStep): Effects {
  if (step.code === (CLASS.JMP | JMP.CALL)) return { ...NOTHING, writes: 'R0', calls: true }
  if (step.code === LD_IMM64) return { ...NOTHING, writes: `R${/^r(\d+)/.exec(step.text)?.[1]}` }
  const insn = parseInsn(step.text, 'kernel')?.insn
  if (!insn) return NOTHING
  switch (insn.code & 0x07) {
    case CLASS.ALU:
    case CLASS.ALU64:
      return arithmetic(insn)
    case CLASS.LDX:
      return { ...load(insn), base: `R${insn.src}` }
    case CLASS.ST:
    case CLASS.STX:
      return { ...store(insn), base: `R${insn.dst}` }
    case CLASS.LD:
      return { ...NOTHING, writes: 'R0' }
    default:
      return jump(insn)
  }
}

function arithmetic({ code, dst, src }: Insn): Effects {
  const target = `R${dst}`
  const fromRegister = (code & SOURCE.X) !== 0 && (code & 0xf0) !== ALU.END
  if ((code & 0xf0) === ALU.MOV) {
    return { ...NOTHING, writes: target, ...(fromRegister ? { copies: `R${src}` } : {}) }
  }
  const uses = fromRegister ? [target, `R${src}`] : [target]
  return { ...NOTHING, writes: target, uses }
}

function load({ dst, src, off }: Insn): Effects {
  const filled = src === 10 ? { copies: `fp${off}` } : {}
  return { ...NOTHING, writes: `R${dst}`, ...filled }
}

function store({ code, dst, src, off }: Insn): Effects {
  if ((code & 0xe0) === MODE.ATOMIC) return { ...NOTHING, uses: [`R${src}`] }
  if (dst !== 10) return NOTHING
  const spilled = (code & 0x07) === CLASS.STX ? { copies: `R${src}` } : {}
  return { ...NOTHING, writes: `fp${off}`, ...spilled }
}

function jump({ code, dst, src }: Insn): Effects {
  const operation = code & 0xf0
  if (operation === JMP.JA || operation === JMP.EXIT || operation === JMP.JCOND) return NOTHING
  return { ...NOTHING, tests: (code & SOURCE.X) === 0 ? [`R${dst}`] : [`R${dst}`, `R${src}`] }
}
