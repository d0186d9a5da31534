// An opcode is made of three parts: the class in the low 3 bits, and what it does (linux/bpf_common.h, linux/bpf.h).
const [LD, STX, JMP, ALU64] = [0x00, 0x03, 0x05, 0x07]
const [K, X] = [0x00, 0x08] // the other operand is a number, or a register
const [W, DW] = [0x00, 0x18] // 4 bytes, 8 bytes
const [IMM, MEM] = [0x00, 0x60]
const [ADD, RSH, MOV] = [0x00, 0x70, 0xb0]
const [JNE, CALL, EXIT] = [0x50, 0x80, 0x90]
/** In the source of a 64-bit load: the number is a descriptor, and the kernel puts the address of the map there. */
const PSEUDO_MAP_FD = 1

/** Numbers of the helpers that the program calls (linux/bpf.h, ___BPF_FUNC_MAPPER). */
const HELPER = {
  map_lookup_elem: 1,
  map_update_elem: 2,
  get_current_pid_tgid: 14,
  get_current_uid_gid: 15,
} as const

// Registers: R0 has what a helper returned, R1 to R5 its arguments, R10 the end of the stack, which grows down.
const [R0, R1, R2, R3, R4, R10] = [0, 1, 2, 3, 4, 10]

/** One instruction, 8 bytes: opcode, two registers of 4 bits each, a 16-bit offset, a 32-bit number (struct bpf_insn). */
function insn(opcode: number, dst: number, src: number, offset: number, imm: number): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(8))
  bytes.setUint8(0, opcode)
  bytes.setUint8(1, dst | (src << 4))
  bytes.setInt16(2, offset, true)
  bytes.setInt32(4, imm, true)
  return new Uint8Array(bytes.buffer)
}

const call = (helper: keyof typeof HELPER) => insn(JMP | CALL, 0, 0, 0, HELPER[helper])
const move = (dst: number, src: number) => insn(ALU64 | MOV | X, dst, src, 0, 0)
const set = (dst: number, imm: number) => insn(ALU64 | MOV | K, dst, 0, 0, imm)
const add = (dst: number, imm: number) => insn(ALU64 | ADD | K, dst, 0, 0, imm)
const shiftRight = (dst: number, bits: number) => insn(ALU64 | RSH | K, dst, 0, 0, bits)
const store32 = (offset: number, src: number) => insn(STX | MEM | W, R10, src, offset, 0)
const store64 = (offset: number, src: number) => insn(STX | MEM | DW, R10, src, offset, 0)
const jumpUnlessZero = (dst: number, over: number) => insn(JMP | JNE | K, dst, 0, over, 0)
const exit = () => insn(JMP | EXIT, 0, 0, 0, 0)

/** A 64-bit load takes two slots: the second one holds the upper half of the number. */
function load64(dst: number, value: bigint, src = 0): Uint8Array[] {
  const low = Number(BigInt.asIntN(32, value))
  const high = Number(BigInt.asIntN(32, value >> 32n))
  return [insn(LD | DW | IMM, dst, src, 0, low), insn(0, 0, 0, 0, high)]
}

const loadMap = (dst: number, fd: number) => load64(dst, BigInt(fd), PSEUDO_MAP_FD)

/** Eight letters as the number that has them in memory, the first one lowest. */
const letters = (text: string) => Buffer.from(text.padEnd(8, '\0')).readBigUInt64LE()

/**
 * The program: looks up the message of the user who runs it in `config`, and writes it into `greeted` under the pid.
 * @param config descriptor of a hash map, uid to message of 16 bytes
 * @param greeted descriptor of a hash map, pid to message of 16 bytes
 * @returns 8 bytes for each slot, the `insns` of BPF_PROG_LOAD
 */
export function helloInstructions(config: number, greeted: number): Uint8Array<ArrayBuffer> {
  const helloWorld = [
    ...load64(R1, letters('Hello Wo')),
    store64(-24, R1),
    ...load64(R1, letters('rld')),
    store64(-16, R1),
    move(R0, R10),
    add(R0, -24), // R0 points to it
  ]
  const slots = [
    call('get_current_uid_gid'), // R0: gid << 32 | uid
    store32(-4, R0), // the lower half, at R10 - 4: the uid
    call('get_current_pid_tgid'), // R0: process << 32 | thread; pid is what users call the process
    shiftRight(R0, 32),
    store32(-8, R0),

    ...loadMap(R1, config),
    move(R2, R10),
    add(R2, -4), // where the key is
    call('map_lookup_elem'), // R0: where the message is, or 0
    jumpUnlessZero(R0, helloWorld.length),
    ...helloWorld,

    ...loadMap(R1, greeted),
    move(R2, R10),
    add(R2, -8),
    move(R3, R0),
    set(R4, 0), // BPF_ANY: a new entry or an old one
    call('map_update_elem'),
    set(R0, 0),
    exit(),
  ]
  return new Uint8Array(Buffer.concat(slots))
}
