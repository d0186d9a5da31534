import type { LogStep } from '../log.ts'
import type { RegisterState } from '../registers.ts'

/** What a reason can look at to say what went wrong in words. */
export interface ReasonContext {
  /** All lines of the verifier's verdict. */
  readonly lines: readonly string[]
  /** The instruction it gave up at. */
  readonly last: LogStep | undefined
  /** The C function called there, for a call. */
  readonly called: string | undefined
  /** What the verifier knew of a register there. */
  readonly state: (register: string) => RegisterState | undefined
  /** Where its value came from, in words: `the result of bpf_map_lookup_elem()`; else the register's name. */
  readonly origin: (register: string) => string
  /** `the second argument of bpf_probe_read_user()`, for R1 to R5 at a call; else the origin. */
  readonly argument: (register: string) => string
  /** The function that released what a register points to, if one did: `bpf_ringbuf_submit`. */
  readonly releasedBy: (register: string) => string | undefined
  /** An instruction of the log by its slot. */
  readonly stepAt: (insn: number) => LogStep | undefined
}

/** The words for one rejection. */
export interface Verdict {
  /** One plain sentence: what is wrong. */
  readonly summary: string
  /** What to change. */
  readonly fix: string
  /** A more specific name for the reason than the entry's own. */
  readonly id?: string
}

/** One entry of the catalogue. */
export interface Reason {
  /** Stable name: `missing-null-check`. */
  readonly id: string
  /** Matches one line of the verdict, in any kernel's wording. */
  readonly pattern: RegExp
  /** `program`: it is not about the last instruction of the log. */
  readonly scope: 'instruction' | 'program'
  explain(groups: Readonly<Record<string, string>>, context: ReasonContext): Verdict
}

/** Makes an entry of the catalogue. */
export function reason(
  id: string,
  pattern: RegExp,
  explain: (
    groups: Readonly<Record<string, string>>,
    context: ReasonContext,
  ) => readonly [summary: string, fix: string, id?: string],
  scope: Reason['scope'] = 'instruction',
): Reason {
  return {
    id,
    pattern,
    scope,
    explain(groups, context) {
      const [summary, fix, special] = explain(groups, context)
      return { summary, fix, ...(special === undefined ? {} : { id: special }) }
    },
  }
}
