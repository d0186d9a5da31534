import { effectsOf } from './effects.ts'
import type { LogStep } from './log.ts'
import type { RegisterState } from './registers.ts'
import { parseRegisters } from './registers.ts'

/** One step in the life of a register's value. */
export interface HistoryEntry {
  readonly step: LogStep
  /**
   * `origin`: the value came into being; `copy`: it moved between registers and stack;
   * `change`: it was computed with; `check`: a jump depended on it.
   */
  readonly role: 'origin' | 'copy' | 'change' | 'check'
  /** The register or stack slot it is about. */
  readonly register: string
  /** What the verifier knew of it afterwards, if the log tells. */
  readonly state?: RegisterState
  /** Of a check: whether this path took the jump. */
  readonly taken?: boolean
}

/** How far back a value is followed; a loop can make paths of a million steps. */
const MAX_STEPS = 20_000

/**
 * How a register's value came about on the path that ends at a step: from the instruction that made it,
 * through copies, spills and arithmetic, with the checks on the way. Oldest first.
 *
 * @param at the step before which the register is looked at
 */
export function registerHistory(at: LogStep, register: string): HistoryEntry[] {
  const found: HistoryEntry[] = []
  const wanted = new Set([register])
  let depth = 0
  let next = at
  let left = MAX_STEPS
  for (
    let step = at.parent;
    step && wanted.size > 0 && left > 0;
    next = step, step = step.parent, left--
  ) {
    if (step.code === 0x95) depth++ // The body of a function that has returned already.
    else if (step.text.startsWith('call pc') && depth > 0) depth--
    if (depth === 0) found.push(...visit(step, next, wanted))
  }
  return found.toReversed()
}

function visit(step: LogStep, next: LogStep, wanted: Set<string>): HistoryEntry[] {
  const effects = effectsOf(step)
  const { writes, copies, uses, tests } = effects
  if (writes !== undefined && wanted.has(writes)) {
    const state = stateAfter(step, next, writes)
    const known = state ? { state } : {}
    wanted.delete(writes)
    for (const name of [...(copies === undefined ? [] : [copies]), ...uses]) {
      if (name !== 'R10') wanted.add(name)
    }
    const role = copies !== undefined ? 'copy' : uses.length > 0 ? 'change' : 'origin'
    return [{ step, role, register: writes, ...known }]
  }
  const tested = tests.find((name) => wanted.has(name))
  if (tested === undefined) return []
  const state = stateAfter(step, next, tested)
  const taken = next.insn !== step.insn + 1
  return [{ step, role: 'check', register: tested, taken, ...(state ? { state } : {}) }]
}

function stateAfter(step: LogStep, next: LogStep, name: string): RegisterState | undefined {
  const inText = (text: string | undefined): RegisterState | undefined =>
    text === undefined
      ? undefined
      : parseRegisters(text).findLast((register) => register.name === name)
  // On the other branch of a jump only the next instruction's own state is right.
  const jumped = step.text.startsWith('if ') && next.insn !== step.insn + 1
  return (jumped ? undefined : inText(step.after)) ?? inText(next.before)
}

/** What the verifier knew of all registers and stack slots directly before a step. */
export function registersBefore(at: LogStep): ReadonlyMap<string, RegisterState> {
  const known = new Map<string, RegisterState>()
  const add = (text: string | undefined): void => {
    if (text === undefined) return
    for (const state of parseRegisters(text).toReversed()) {
      if (!known.has(state.name)) known.set(state.name, state)
    }
  }
  add(at.before)
  let left = MAX_STEPS
  const forgotten = new Set<string>()
  for (let step = at.parent; step && left > 0; step = step.parent, left--) {
    const { writes, calls } = effectsOf(step)
    if (step.after !== undefined) add(step.after)
    // A value from before a write says nothing any more, even if the log did not print the new one.
    if (writes !== undefined && !known.has(writes)) forgotten.add(writes)
    if (calls)
      for (const name of ['R1', 'R2', 'R3', 'R4', 'R5']) if (!known.has(name)) forgotten.add(name)
    add(step.before)
    if (step.text.startsWith('call pc')) break
  }
  for (const name of forgotten) known.delete(name)
  return known
}
