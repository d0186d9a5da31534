import { BpfError } from '../../errors/bpf-error.ts'
import type { Insn } from './insn.ts'
import { encodeInsns, slotsOf } from './insn.ts'
import type { Dialect, Parsed } from './parse-insn.ts'
import { parseInsn } from './parse-insn.ts'

/** How program text is read. */
export interface AssembleOptions {
  /**
   * `kernel` (default): hexadecimal after `=` is a 64-bit load, as in the verifier's log.
   * `llvm`: as llvm-objdump prints it, where a 64-bit load ends in `ll`.
   */
  readonly dialect?: Dialect
}

interface Line {
  readonly number: number
  readonly slot: number
  readonly parsed: Parsed
}

/**
 * Assembles a program from text, one instruction a line, in the syntax of {@link disassembleProgram} and
 * of llvm-objdump. `name:` makes a label for `goto name` and `call name`; `//`, `#` and `;` start comments
 * at the beginning of a line or after a blank.
 *
 * @throws BpfError naming the line that is no instruction, or the label that is missing
 */
export function assembleInsns(text: string, options: AssembleOptions = {}): Insn[] {
  const labels = new Map<string, number>()
  const lines: Line[] = []
  let slot = 0
  for (const [index, raw] of text.split('\n').entries()) {
    const source = raw.replace(/(^|\s)(\/\/|#|;).*$/, '').trim()
    if (source === '') continue
    const label = /^([A-Za-z_.][\w.]*):$/.exec(source)?.[1]
    if (label !== undefined) {
      labels.set(label, slot)
      continue
    }
    const parsed = parseInsn(stripNumber(source), options.dialect ?? 'kernel')
    if (!parsed) throw notAnInstruction(index + 1, source)
    lines.push({ number: index + 1, slot, parsed })
    slot += slotsOf(parsed.insn)
  }
  return lines.map((line) => resolve(line, labels))
}

/** Assembles a program into the bytes of BPF_PROG_LOAD's `insns`.
 *
 * @throws BpfError like {@link assembleInsns}
 */
export function assemble(text: string, options: AssembleOptions = {}): Uint8Array<ArrayBuffer> {
  return encodeInsns(assembleInsns(text, options))
}

/** `  12: (85) call …` → `call …` */
function stripNumber(line: string): string {
  return line.replace(/^\d+:\s*/, '').replace(/^\([0-9a-f]{2}\)\s*/, '')
}

function resolve({ number, slot, parsed }: Line, labels: ReadonlyMap<string, number>): Insn {
  const { insn, label, labelIn } = parsed
  if (label === undefined || labelIn === undefined) return insn
  const target = labels.get(label)
  if (target === undefined) {
    throw new BpfError({
      operation: 'assemble',
      subject: `line ${number}`,
      problem: `there is no label '${label}'`,
      hint:
        labels.size === 0
          ? 'A label is a name with a colon, alone on its line.'
          : `Labels: ${[...labels.keys()].join(', ')}.`,
    })
  }
  return { ...insn, [labelIn]: target - slot - 1 }
}

function notAnInstruction(line: number, source: string): BpfError {
  return new BpfError({
    operation: 'assemble',
    subject: `line ${line}`,
    expected:
      'an instruction such as `r0 = 0`, `r1 = *(u32 *)(r1 +4)`, `if r0 == 0 goto done`, `call bpf_ktime_get_ns`, `exit`',
    got: `'${source}'`,
  })
}
