import { typeInWords } from './describe.ts'
import { effectsOf } from './effects.ts'
import type { HistoryEntry } from './history.ts'
import { registerHistory, registersBefore } from './history.ts'
import type { LogStep, VerifierLog } from './log.ts'
import { parseVerifierLog } from './parse.ts'
import { findReason } from './reasons/catalogue.ts'
import type { ReasonContext } from './reasons/reason.ts'
import type { RegisterState } from './registers.ts'
import { explainReport } from './report-reason.ts'

/** Why a program was rejected, in words. */
export interface Explanation {
  /** Name of the reason in the catalogue, `missing-null-check`; `unknown` for one that is not in it. */
  readonly id: string
  /** One plain sentence: what is wrong. */
  readonly summary: string
  /** What to change. */
  readonly fix: string
  /** The verifier's own words. */
  readonly reason: readonly string[]
  /** Where it gave up; undefined when it is about the program as a whole. */
  readonly at?: LogStep
  /** How the value of the register in question came about, oldest first. */
  readonly history: readonly HistoryEntry[]
  /** That register, if there is one: `R2`. */
  readonly register?: string
  /** What the verifier knew of it at the end. */
  readonly state?: RegisterState
}

/**
 * Says why the verifier rejected a program: the C line, how the value in question came about, the reason
 * in one sentence, and what to change.
 *
 * @returns undefined for the log of a program that was accepted
 */
export function explainVerifierLog(log: string | VerifierLog): Explanation | undefined {
  const parsed = typeof log === 'string' ? parseVerifierLog(log) : log
  if (parsed.reason.length === 0 && !parsed.report) return undefined
  const context = new LogContext(parsed)
  const found = findReason(parsed.reason)
  const verdict = found?.reason.explain(found.groups, context) ?? explainReport(parsed)
  const about =
    found?.reason.scope === 'program' ? undefined : placeOf(parsed, found?.groups, context)
  const register = about && registerInQuestion(parsed.reason, about)
  const state = register === undefined ? undefined : context.state(register)
  return {
    id: found?.reason.id ?? 'unknown',
    ...verdict,
    reason: parsed.reason,
    ...(about ? { at: about } : {}),
    history: about && register !== undefined ? registerHistory(about, register) : [],
    ...(register === undefined ? {} : { register }),
    ...(state ? { state } : {}),
  }
}

/** The step a verdict is about: the one it names by number, or else the last one. */
function placeOf(
  { last, reason }: VerifierLog,
  groups: Readonly<Record<string, string>> | undefined,
  { stepAt }: ReasonContext,
): LogStep | undefined {
  const named = /detected at insn/.test(reason[0] ?? '') ? groups?.['insn'] : undefined
  return (named === undefined ? undefined : stepAt(Number(named))) ?? last
}

/** The register the verdict names, or else the one that the last instruction goes through. */
function registerInQuestion(reason: readonly string[], last: LogStep): string | undefined {
  const named = reason.map((line) => /\bR(\d+)\b/.exec(line)?.[1]).find((n) => n !== undefined)
  const { base, uses, calls } = effectsOf(last)
  const register = named === undefined ? (calls ? undefined : (base ?? uses[1])) : `R${named}`
  return register === 'R10' ? undefined : register
}

/** Functions that take a reference back. */
const RELEASES = /_(?:submit|discard|release|put|drop|drop_impl|free)(?:_dynptr)?$/

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth']

/** The methods are properties, so that the catalogue can take them apart: `({ origin }) => …`. */
class LogContext implements ReasonContext {
  readonly lines: readonly string[]
  readonly last: LogStep | undefined
  readonly #steps: readonly LogStep[]
  #registers: ReadonlyMap<string, RegisterState> | undefined

  constructor({ reason, last, steps }: VerifierLog) {
    this.lines = reason
    this.last = last
    this.#steps = steps
  }

  get called(): string | undefined {
    return this.last && calledFunction(this.last)
  }

  readonly state = (register: string): RegisterState | undefined => {
    this.#registers ??= this.last ? registersBefore(this.last) : new Map<string, RegisterState>()
    return this.#registers.get(register)
  }

  readonly releasedBy = (register: string): string | undefined => {
    const reference =
      this.last &&
      registerHistory(this.last, register).find(({ state }) => state?.attributes['ref_obj_id'])
    if (!reference) return undefined
    for (let step = this.last?.parent; step && step !== reference.step; step = step.parent) {
      const called = calledFunction(step)
      if (called !== undefined && RELEASES.test(called)) return called
    }
    return undefined
  }

  readonly stepAt = (insn: number): LogStep | undefined => {
    for (let step = this.last; step; step = step.parent) if (step.insn === insn) return step
    return this.#steps.findLast((step) => step.insn === insn)
  }

  readonly argument = (register: string): string => {
    const ordinal = ORDINALS[Number(register.slice(1)) - 1]
    if (this.called === undefined || ordinal === undefined) return this.origin(register)
    return `the ${ordinal} argument of ${this.called}()`
  }

  readonly origin = (register: string): string => {
    if (!this.last) return register
    const [first, ...rest] = registerHistory(this.last, register)
    if (first?.role !== 'origin') return this.#byType(register)
    const called = calledFunction(first.step)
    if (called !== undefined) {
      return rest.some(({ role }) => role === 'change')
        ? `the pointer or number made from the result of ${called}()`
        : `the result of ${called}()`
    }
    return this.#byType(register)
  }

  #byType(register: string): string {
    const state = this.state(register)
    return state && state.type !== 'scalar' && state.type !== 'partly uninitialised'
      ? `${typeInWords(state.type).split(' that ')[0]} (${register})`
      : register
  }
}

/** `bpf_map_lookup_elem` for `call bpf_map_lookup_elem#1`. */
function calledFunction(step: LogStep): string | undefined {
  return /^call (?!pc)([\w.]+)#/.exec(step.text)?.[1]
}
