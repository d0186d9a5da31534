import type { Reason } from './reason.ts'
import { reason } from './reason.ts'

/** Loops, jumps, stack depth and the instructions themselves. */
export const CONTROL_FLOW_REASONS: readonly Reason[] = [
  reason(
    'infinite-loop',
    /infinite loop detected at insn (?<insn>\d+)|back-edge from insn (?<from>\d+) to (?<to>\d+)/,
    ({ from }) => [
      from === undefined
        ? 'The verifier came back to the same instruction in the same state: nothing makes this loop end.'
        : 'The program jumps back, which makes a loop that this loader or this kernel (before 5.3) does not accept.',
      'Give the loop a constant upper bound (`for (int i = 0; i < 100; i++)`), or use bpf_loop(), bpf_for() or bpf_repeat().',
    ],
  ),
  reason('too-complex', /BPF program is too large\. Processed (?<count>\d+) insn/, ({ count }) => [
    `The verifier looked at ${grouped(count)} instructions, counting each round of each loop, and gave up.`,
    'Do fewer rounds, put the body of the loop into a function for bpf_loop(), which is verified once, or use bpf_for().',
  ]),
  reason(
    'too-complex',
    /The sequence of (?<count>\d+) jumps is too complex|too many states|bpf_loop iteration limit reached/,
    ({ count }) => [
      `The program branches too often${count === undefined ? '' : ` (${count} unfinished branches)`}: the verifier cannot follow all its paths.`,
      'Split it into global (non-static) functions, which are verified one by one, or use bpf_loop() for the loop.',
    ],
  ),
  reason(
    'stack-too-large',
    /(?:combined stack size of (?<calls>\d+) calls is (?<size>\d+)|stack size of subprog \d+ is (?<one>\d+)|stack size (?<extra>\d+)\(extra \d+\) is too large|call stack of previous frames is (?<tail>\d+) bytes)/i,
    ({ calls, size, one, tail, extra }) => [
      calls === undefined
        ? `A function needs ${one ?? tail ?? extra} bytes of stack, more than it may use here (512, and 256 before a tail call from a function).`
        : `${calls} functions that call each other need ${size} bytes of stack together, and 512 is all there is.`,
      'Keep large data in a per-CPU array map with one entry instead of in local variables.',
    ],
    'program',
  ),
  reason('call-depth', /the call stack of (?<frames>\d+) frames is too deep/, ({ frames }) => [
    `Functions are nested ${frames} deep; 8 is the limit.`,
    'Inline some of them (`static __always_inline`), or use a tail call.',
  ]),
  reason(
    'unreachable-instruction',
    /unreachable insn (?<insn>\d+)/,
    ({ insn }) => [
      `No path leads to instruction ${insn}.`,
      'Remove the dead code; in hand-written instructions look for a jump that goes too far.',
    ],
    'program',
  ),
  reason(
    'invalid-instruction',
    /(?:unknown opcode (?<code>\w+)|unknown insn class|invalid BPF_\w+ (?:opcode|mode|insn)|BPF_\S+ uses (?:reserved fields|invalid)|R(?<reg>\d+) is invalid|unrecognized bpf_ld_imm64|invalid (?:bpf_)?ld_imm64|invalid atomic operand|invalid may_goto|addr_space_cast insn|div by zero|invalid shift)/i,
    ({ code }, { lines }) => [
      `The program contains an instruction that the kernel does not know or accept: ${code === undefined ? lines.at(-1) : `opcode 0x${code}`}.`,
      'Compile for the CPU version that the oldest kernel knows (`-mcpu=v3` before Linux 6.6), and check hand-written instructions for fields that must be 0.',
    ],
    'program',
  ),
  reason(
    'invalid-jump',
    /jump out of range from insn (?<from>\d+) to (?<to>\d+)|jump into the middle of ldimm64|invalid insn idx|call to invalid destination|last insn is not an exit or jmp/,
    ({ from, to }, { lines }) => [
      from === undefined
        ? `A jump, a call or the end of the program leads nowhere: ${lines.at(-1)}.`
        : `Instruction ${from} jumps to ${to}, outside of its function.`,
      'Count the offset in 8-byte slots from the next instruction on; a 64-bit load takes two. Each function ends with exit or a jump.',
    ],
    'program',
  ),
  reason(
    'return-value-range',
    /(?:At program exit|At async callback return|In [\w ]+) the register R0 (?:has (?<value>.+?)(?: should have been in (?<range>[[(].*)|$)|is not a known value)/,
    ({ value, range }) => [
      `The program returns ${value === undefined || value === '' ? 'a value that is not known' : exact(value)}, but must return ${range === undefined ? 'one that its type allows' : `a number in ${range}`}.`,
      'Return one of the values that this program type allows: for cgroup programs 0 (refuse) or 1 (allow), for LSM 0 or a negative errno.',
    ],
  ),
]

/** `smin=42 smax=42` → `42` */
function exact(text: string): string {
  const bounds = /smin=(-?\d+) smax=(-?\d+)/.exec(text)
  if (!bounds) return text.replace(/^value /, '')
  return bounds[1] === bounds[2] ? String(bounds[1]) : `${bounds[1]} to ${bounds[2]}`
}

/** `1000001` → `1,000,001`; toLocaleString() would load the tables of every language first. */
function grouped(digits: string | undefined): string {
  return (digits ?? '').replace(/\B(?=(?:\d{3})+$)/g, ',')
}
