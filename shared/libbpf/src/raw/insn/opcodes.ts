// The fields of an opcode, as RFC 9669 and include/uapi/linux/bpf{,_common}.h name them.

/** The low three bits: what kind of instruction. */
export const CLASS = {
  LD: 0x00,
  LDX: 0x01,
  ST: 0x02,
  STX: 0x03,
  ALU: 0x04,
  JMP: 0x05,
  JMP32: 0x06,
  ALU64: 0x07,
} as const

/** Source of the second operand of ALU and JMP: the immediate or a register. */
export const SOURCE = { K: 0x00, X: 0x08 } as const

/** Operation of ALU and ALU64. */
export const ALU = {
  ADD: 0x00,
  SUB: 0x10,
  MUL: 0x20,
  DIV: 0x30,
  OR: 0x40,
  AND: 0x50,
  LSH: 0x60,
  RSH: 0x70,
  NEG: 0x80,
  MOD: 0x90,
  XOR: 0xa0,
  MOV: 0xb0,
  ARSH: 0xc0,
  END: 0xd0,
} as const

/** Operation of JMP and JMP32. */
export const JMP = {
  JA: 0x00,
  JEQ: 0x10,
  JGT: 0x20,
  JGE: 0x30,
  JSET: 0x40,
  JNE: 0x50,
  JSGT: 0x60,
  JSGE: 0x70,
  CALL: 0x80,
  EXIT: 0x90,
  JLT: 0xa0,
  JLE: 0xb0,
  JSLT: 0xc0,
  JSLE: 0xd0,
  JCOND: 0xe0,
} as const

/** Width of loads and stores. */
export const SIZE = { W: 0x00, H: 0x08, B: 0x10, DW: 0x18 } as const

/** Mode of loads and stores. */
export const MODE = {
  IMM: 0x00,
  ABS: 0x20,
  IND: 0x40,
  MEM: 0x60,
  MEMSX: 0x80,
  ATOMIC: 0xc0,
} as const

/** Operation of an atomic instruction, in its immediate. */
export const ATOMIC = {
  FETCH: 0x01,
  XCHG: 0xe1,
  CMPXCHG: 0xf1,
  LOAD_ACQ: 0x100,
  STORE_REL: 0x110,
} as const

/** `src_reg` of a 64-bit immediate load: what its value stands for. */
export const PSEUDO = {
  MAP_FD: 1,
  MAP_VALUE: 2,
  BTF_ID: 3,
  FUNC: 4,
  MAP_IDX: 5,
  MAP_IDX_VALUE: 6,
} as const

/** `src_reg` of a call: helper by number, BPF function, kernel function by BTF id, helper by BTF id. */
export const CALL = { HELPER: 0, PSEUDO_CALL: 1, KFUNC: 2 } as const

/** The opcode of `r1 = <64-bit value>`, the one instruction of two slots. */
export const LD_IMM64 = CLASS.LD | SIZE.DW | MODE.IMM

/** Assignment operators of ALU operations, as the kernel prints them (kernel/bpf/disasm.c). */
export const ALU_OPERATORS: ReadonlyMap<number, string> = new Map<number, string>([
  [ALU.ADD, '+='],
  [ALU.SUB, '-='],
  [ALU.MUL, '*='],
  [ALU.DIV, '/='],
  [ALU.OR, '|='],
  [ALU.AND, '&='],
  [ALU.LSH, '<<='],
  [ALU.RSH, '>>='],
  [ALU.MOD, '%='],
  [ALU.XOR, '^='],
  [ALU.MOV, '='],
  [ALU.ARSH, 's>>='],
])

/** Comparisons of conditional jumps. */
export const JMP_OPERATORS: ReadonlyMap<number, string> = new Map<number, string>([
  [JMP.JEQ, '=='],
  [JMP.JGT, '>'],
  [JMP.JLT, '<'],
  [JMP.JGE, '>='],
  [JMP.JLE, '<='],
  [JMP.JSET, '&'],
  [JMP.JNE, '!='],
  [JMP.JSGT, 's>'],
  [JMP.JSLT, 's<'],
  [JMP.JSGE, 's>='],
  [JMP.JSLE, 's<='],
])

/** Operations of atomics that also exist as plain arithmetic. */
export const ATOMIC_NAMES: ReadonlyMap<number, string> = new Map<number, string>([
  [ALU.ADD, 'add'],
  [ALU.AND, 'and'],
  [ALU.OR, 'or'],
  [ALU.XOR, 'xor'],
])

/** Type names of the widths, unsigned. */
export const SIZE_NAMES: ReadonlyMap<number, string> = new Map<number, string>([
  [SIZE.B, 'u8'],
  [SIZE.H, 'u16'],
  [SIZE.W, 'u32'],
  [SIZE.DW, 'u64'],
])

/** The same table the other way round. */
export function inverse<K, V>(map: ReadonlyMap<K, V>): ReadonlyMap<V, K> {
  return new Map([...map].map(([key, value]) => [value, key]))
}
