import { helperId } from './helper-names.ts'
import type { Insn } from './insn.ts'
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
  inverse,
} from './opcodes.ts'

/** Which of two readings of `r1 = 0x5` is meant. */
export type Dialect = 'kernel' | 'llvm'

/** An instruction whose jump target may still be a label. */
export interface Parsed {
  readonly insn: Insn
  readonly label?: string
  /** The field that the distance to the label goes into. */
  readonly labelIn?: 'off' | 'imm'
}

type Groups = Readonly<Record<string, string>>
type Rule = readonly [
  pattern: RegExp,
  make: (groups: Groups, dialect: Dialect) => Parsed | undefined,
]

const NUMBER = String.raw`[-+]?(?:0x[0-9a-f]+|\d+)`
const PLACE = String.raw`\(r(?<base>\d+)\s*(?<off>[-+]\s*(?:0x[0-9a-f]+|\d+))\)`
const POINTER = String.raw`\((?<size>[us]\d+) \*\)`
const TARGET = String.raw`(?:pc)?(?<target>[-+](?:0x[0-9a-f]+|\d+)|[A-Za-z_.][\w.]*)(?: <[^>]*>)?`

const aluOf = inverse(ALU_OPERATORS)
const jumpOf = inverse(JMP_OPERATORS)
const sizeOf = inverse(SIZE_NAMES)
const atomicOf = inverse(ATOMIC_NAMES)

/** Reads one instruction; undefined when the text is none. */
export function parseInsn(text: string, dialect: Dialect): Parsed | undefined {
  for (const [pattern, make] of RULES) {
    const groups = pattern.exec(text)?.groups
    const parsed = groups && make(groups, dialect)
    if (parsed) return parsed
  }
  return undefined
}

const rule = (pattern: string, make: Rule[1]): Rule => [new RegExp(`^${pattern}(?<_>)$`), make]

const insn = (code: number, fields: Partial<Insn> = {}): Insn => ({
  code,
  dst: 0,
  src: 0,
  off: 0,
  imm: 0,
  ...fields,
})
const plain = (code: number, fields: Partial<Insn> = {}): Parsed => ({ insn: insn(code, fields) })

/** A number in decimal or hexadecimal, with or without sign. */
function number(text: string | undefined): number {
  const compact = (text ?? '0').replaceAll(' ', '').replace(/^\+/, '')
  return compact.startsWith('-') ? -Number(compact.slice(1)) : Number(compact)
}

/** 32 bits of either sign, as the signed number the instruction holds. */
function imm32(text: string | undefined): number {
  const n = number(text)
  return n > 0x7fffffff && n <= 0xffffffff ? n - 0x1_0000_0000 : n
}

const width = (size: string | undefined): number => sizeOf.get((size ?? '').replace('s', 'u')) ?? -1
const classOf = (prefix: string | undefined): number => (prefix === 'w' ? CLASS.ALU : CLASS.ALU64)

/** Fills in a jump target: a distance in slots, or a label to be resolved later. */
function jumpTo(target: string | undefined, into: 'off' | 'imm', base: Insn): Parsed {
  const text = target ?? ''
  if (/^[-+]/.test(text)) return { insn: { ...base, [into]: number(text) } }
  return { insn: base, label: text, labelIn: into }
}

const arithmetic: Rule[] = [
  rule(String.raw`(?<p>[rw])(?<dst>\d+) = -\k<p>\k<dst>`, (g) =>
    plain(classOf(g['p']) | ALU.NEG, { dst: number(g['dst']) }),
  ),
  rule(String.raw`r(?<dst>\d+) = (?<order>be|le|bswap)(?<bits>16|32|64) r\k<dst>`, (g) => {
    const code = g['order'] === 'bswap' ? CLASS.ALU64 : CLASS.ALU
    const source = g['order'] === 'be' ? SOURCE.X : SOURCE.K
    return plain(code | ALU.END | source, { dst: number(g['dst']), imm: number(g['bits']) })
  }),
  rule(
    String.raw`r(?<dst>\d+) = addr_space_cast\(r(?<src>\d+), (?<to>${NUMBER}), (?<from>${NUMBER})\)`,
    (g) =>
      plain(CLASS.ALU64 | ALU.MOV | SOURCE.X, {
        dst: number(g['dst']),
        src: number(g['src']),
        off: 1,
        imm: (number(g['to']) << 16) | number(g['from']),
      }),
  ),
  rule(String.raw`(?<p>[rw])(?<dst>\d+) = \(s(?<bits>8|16|32)\)\s?\k<p>(?<src>\d+)`, (g) =>
    plain(classOf(g['p']) | ALU.MOV | SOURCE.X, {
      dst: number(g['dst']),
      src: number(g['src']),
      off: number(g['bits']),
    }),
  ),
  rule(String.raw`(?<p>[rw])(?<dst>\d+) (?<op>\S+) \k<p>(?<src>\d+)`, (g) =>
    operation(g, SOURCE.X, { dst: number(g['dst']), src: number(g['src']) }),
  ),
  rule(String.raw`(?<p>[rw])(?<dst>\d+) (?<op>\S+) (?<imm>${NUMBER})`, (g, dialect) => {
    const wide = g['op'] === '=' && g['p'] === 'r' && dialect === 'kernel'
    if (wide && /0x/.test(g['imm'] ?? '')) return undefined // a 64-bit load, below
    return operation(g, SOURCE.K, { dst: number(g['dst']), imm: imm32(g['imm']) })
  }),
]

function operation(g: Groups, source: number, fields: Partial<Insn>): Parsed | undefined {
  const text = g['op'] ?? ''
  const signed = text === 's/=' || text === 's%='
  const code = aluOf.get(signed ? text.slice(1) : text)
  if (code === undefined) return undefined
  return plain(classOf(g['p']) | code | source, { ...fields, off: signed ? 1 : 0 })
}

const wideLoads: Rule[] = [
  rule(String.raw`r(?<dst>\d+) = (?<value>-?(?:0x[0-9a-f]+|\d+))(?: ll)?`, (g) =>
    wideLoad(g, 0, BigInt.asUintN(64, bigint(g['value'] ?? '0'))),
  ),
  rule(
    String.raw`r(?<dst>\d+) = map\[(?<by>fd|id|idx):(?<map>\d+)\](?<value>\[0\]\+(?<off>\d+))?`,
    (g) => {
      const [whole, value] =
        g['by'] === 'idx'
          ? [PSEUDO.MAP_IDX, PSEUDO.MAP_IDX_VALUE]
          : [PSEUDO.MAP_FD, PSEUDO.MAP_VALUE]
      const high = BigInt(g['off'] ?? 0) << 32n
      return wideLoad(g, g['value'] ? value : whole, high | BigInt(g['map'] ?? 0))
    },
  ),
  rule(String.raw`r(?<dst>\d+) = btf_id\[(?<id>\d+)\](?: fd:(?<fd>\d+))?`, (g) =>
    wideLoad(g, PSEUDO.BTF_ID, (BigInt(g['fd'] ?? 0) << 32n) | BigInt(g['id'] ?? 0)),
  ),
  rule(String.raw`r(?<dst>\d+) = subprog\[${TARGET}\]`, (g) =>
    jumpTo(g['target'], 'imm', wideLoad(g, PSEUDO.FUNC, undefined).insn),
  ),
]

function bigint(text: string): bigint {
  return text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text)
}

function wideLoad(g: Groups, src: number, value: bigint | undefined): Parsed {
  const low = value === undefined ? {} : { imm64: value, imm: Number(BigInt.asIntN(32, value)) }
  return plain(LD_IMM64, { dst: number(g['dst']), src, ...low })
}

const memory: Rule[] = [
  rule(String.raw`[rw](?<dst>\d+) = \*${POINTER}${PLACE}`, (g) => {
    const mode = g['size']?.startsWith('s') ? MODE.MEMSX : MODE.MEM
    return plain(CLASS.LDX | mode | width(g['size']), {
      dst: number(g['dst']),
      src: number(g['base']),
      off: number(g['off']),
    })
  }),
  rule(String.raw`\*${POINTER}${PLACE} = [rw](?<src>\d+)`, (g) =>
    plain(CLASS.STX | MODE.MEM | width(g['size']), store(g)),
  ),
  rule(String.raw`\*${POINTER}${PLACE} = (?<imm>${NUMBER})`, (g) =>
    plain(CLASS.ST | MODE.MEM | width(g['size']), {
      dst: number(g['base']),
      off: number(g['off']),
      imm: imm32(g['imm']),
    }),
  ),
  rule(String.raw`r0 = \*${POINTER}skb\[(?<imm>${NUMBER})\]`, (g) =>
    plain(CLASS.LD | MODE.ABS | width(g['size']), { imm: imm32(g['imm']) }),
  ),
  rule(String.raw`r0 = \*${POINTER}skb\[r(?<src>\d+)(?: \+ (?<imm>${NUMBER}))?\]`, (g) =>
    plain(CLASS.LD | MODE.IND | width(g['size']), {
      src: number(g['src']),
      imm: imm32(g['imm']),
    }),
  ),
  rule('nospec', () => plain(CLASS.ST | 0xc0)),
]

const store = (g: Groups): Partial<Insn> => ({
  dst: number(g['base']),
  off: number(g['off']),
  src: number(g['src']),
})
const atomic = (g: Groups, imm: number, size = width(g['size'])): Parsed =>
  plain(CLASS.STX | MODE.ATOMIC | size, { ...store(g), imm })

const atomics: Rule[] = [
  rule(String.raw`lock \*${POINTER}${PLACE} (?<op>\S=) [rw](?<src>\d+)`, (g) => {
    const operator = aluOf.get(g['op'] ?? '')
    return operator === undefined || !ATOMIC_NAMES.has(operator) ? undefined : atomic(g, operator)
  }),
  rule(
    String.raw`[rw](?<src>\d+) = atomic(?:64)?_fetch_(?<op>\w+)\(${POINTER}${PLACE}, [rw]\k<src>\)`,
    (g) => {
      const operator = atomicOf.get(g['op'] ?? '')
      return operator === undefined ? undefined : atomic(g, operator | ATOMIC.FETCH)
    },
  ),
  rule(String.raw`r(?<src>\d+) = atomic(?:64)?_xchg\(${POINTER}${PLACE}, r\k<src>\)`, (g) =>
    atomic(g, ATOMIC.XCHG),
  ),
  rule(String.raw`r0 = atomic(?:64)?_cmpxchg\(${POINTER}${PLACE}, r0, r(?<src>\d+)\)`, (g) =>
    atomic(g, ATOMIC.CMPXCHG),
  ),
  rule(
    String.raw`[rw](?<src>\d+) = xchg(?<bits>_64|32_32)${PLACE.replace(String.raw`\)`, String.raw`, [rw]\k<src>\)`)}`,
    (g) => atomic(g, ATOMIC.XCHG, llvmWidth(g)),
  ),
  rule(
    String.raw`[rw]0 = cmpxchg(?<bits>_64|32_32)${PLACE.replace(String.raw`\)`, String.raw`, [rw]0, [rw](?<src>\d+)\)`)}`,
    (g) => atomic(g, ATOMIC.CMPXCHG, llvmWidth(g)),
  ),
  rule(String.raw`[rw](?<dst>\d+) = load_acquire\(${POINTER}${PLACE}\)`, (g) =>
    plain(CLASS.STX | MODE.ATOMIC | width(g['size']), {
      dst: number(g['dst']),
      src: number(g['base']),
      off: number(g['off']),
      imm: ATOMIC.LOAD_ACQ,
    }),
  ),
  rule(String.raw`store_release\(${POINTER}${PLACE}, [rw](?<src>\d+)\)`, (g) =>
    atomic(g, ATOMIC.STORE_REL),
  ),
]

const llvmWidth = (g: Groups): number => (g['bits'] === '_64' ? SIZE.DW : SIZE.W)

const jumps: Rule[] = [
  rule('exit', () => plain(CLASS.JMP | JMP.EXIT)),
  rule(`goto ${TARGET}`, (g) => jumpTo(g['target'], 'off', insn(CLASS.JMP | JMP.JA))),
  rule(`gotol ${TARGET}`, (g) => jumpTo(g['target'], 'imm', insn(CLASS.JMP32 | JMP.JA))),
  rule(`may_goto ${TARGET}`, (g) => jumpTo(g['target'], 'off', insn(CLASS.JMP | JMP.JCOND))),
  rule(String.raw`gotox r(?<dst>\d+)`, (g) =>
    plain(CLASS.JMP | JMP.JA | SOURCE.X, { dst: number(g['dst']) }),
  ),
  rule(String.raw`if (?<p>[rw])(?<dst>\d+) (?<op>\S+) \k<p>(?<src>\d+) goto ${TARGET}`, (g) =>
    condition(g, SOURCE.X, { src: number(g['src']) }),
  ),
  rule(String.raw`if (?<p>[rw])(?<dst>\d+) (?<op>\S+) (?<imm>${NUMBER}) goto ${TARGET}`, (g) =>
    condition(g, SOURCE.K, { imm: imm32(g['imm']) }),
  ),
]

function condition(g: Groups, source: number, fields: Partial<Insn>): Parsed | undefined {
  const code = jumpOf.get(g['op'] ?? '')
  if (code === undefined) return undefined
  const jumpClass = g['p'] === 'w' ? CLASS.JMP32 : CLASS.JMP
  const base = insn(jumpClass | code | source, { dst: number(g['dst']), ...fields })
  return jumpTo(g['target'], 'off', base)
}

const CALL_INSN = CLASS.JMP | JMP.CALL
const calls: Rule[] = [
  rule(String.raw`callx r(?<dst>\d+)`, (g) =>
    plain(CALL_INSN | SOURCE.X, { dst: number(g['dst']) }),
  ),
  rule(String.raw`call pc(?<target>[-+]\d+)`, (g) =>
    plain(CALL_INSN, { src: CALL.PSEUDO_CALL, imm: number(g['target']) }),
  ),
  rule(String.raw`call kernel-function#(?<id>\d+)`, (g) =>
    plain(CALL_INSN, { src: CALL.KFUNC, imm: number(g['id']) }),
  ),
  rule(String.raw`call (?<id>${NUMBER})`, (g) =>
    number(g['id']) < 0
      ? plain(CALL_INSN, { src: CALL.PSEUDO_CALL, imm: number(g['id']) })
      : plain(CALL_INSN, { imm: number(g['id']) }),
  ),
  rule(String.raw`call (?:\w+)#(?<id>-?\d+)`, (g) => plain(CALL_INSN, { imm: number(g['id']) })),
  rule(String.raw`call (?<name>[A-Za-z_]\w*)`, (g) => {
    const id = helperId(g['name'] ?? '')
    if (id !== undefined && g['name']?.startsWith('bpf_')) return plain(CALL_INSN, { imm: id })
    return jumpTo(g['name'], 'imm', insn(CALL_INSN, { src: CALL.PSEUDO_CALL }))
  }),
  rule(String.raw`\.8byte 0x(?<bytes>[0-9a-f]{1,16})`, (g) => {
    const raw = BigInt(`0x${g['bytes']}`)
    return plain(Number(raw & 0xffn), {
      dst: Number((raw >> 8n) & 0xfn),
      src: Number((raw >> 12n) & 0xfn),
      off: Number(BigInt.asIntN(16, raw >> 16n)),
      imm: Number(BigInt.asIntN(32, raw >> 32n)),
    })
  }),
]

const RULES: readonly Rule[] = [
  ...arithmetic,
  ...memory,
  ...wideLoads,
  ...jumps,
  ...calls,
  ...atomics,
]
