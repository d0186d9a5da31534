import { BpfError } from '../errors/bpf-error.ts'
import type { AttachType } from '../program/attach-types.ts'
import type { ProgramType } from '../program/program-types.ts'
import { HELPER_COUNT, helperId, helperName } from '../raw/insn/helper-names.ts'
import { assemble } from '../raw/insn/assemble.ts'
import { programAttr } from './program-types.ts'
import { tryLoad } from './trial.ts'

/** How the verifier refuses the helper itself, rather than its arguments. */
const REFUSED =
  /invalid func |unknown func |program of this type cannot use helper|func \S+ (?:not supported|supported only)/

const known = new Map<string, boolean>()

function tryCall(type: ProgramType, id: number, attach: AttachType | undefined): boolean {
  const insns = assemble(`call ${id}\nexit`)
  using trial = tryLoad({ ...programAttr(type, attach), insns })
  const { fd, code, log } = trial
  // Any other complaint is about the arguments, which are missing: the helper itself was found.
  return fd !== undefined || (code !== 'EPERM' && /\bcall \w+#/.test(log) && !REFUSED.test(log))
}

/**
 * Whether programs of a type may call a helper on this kernel, found by loading a program that does.
 * Remembered per process.
 *
 * @param helper name, with or without `bpf_`, or number
 * @param attach for types whose helpers depend on what they attach to, such as `trace_fentry`
 * @throws BpfError for an unknown helper
 */
export function probeHelper(
  type: ProgramType,
  helper: string | number,
  attach?: AttachType,
): boolean {
  const id = typeof helper === 'number' ? helper : helperId(helper)
  if (id === undefined || id < 1) {
    throw new BpfError({
      operation: 'probe helper',
      subject: String(helper),
      expected: 'a BPF helper such as bpf_map_lookup_elem',
      hint: 'Functions of the kernel (kfuncs) are no helpers: look for them in the kernel’s BTF.',
    })
  }
  const key = `${type} ${id} ${attach}`
  const old = known.get(key)
  if (old !== undefined) return old
  const found = tryCall(type, id, attach)
  known.set(key, found)
  return found
}

/** Names of all helpers that programs of a type may call on this kernel; some 200 trial loads. */
export function probeHelpers(type: ProgramType, attach?: AttachType): string[] {
  const found: string[] = []
  for (let id = 1; id < HELPER_COUNT; id++) {
    if (probeHelper(type, id, attach)) found.push(helperName(id) ?? '')
  }
  return found
}
