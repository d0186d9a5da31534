import type { VerifierReport } from './report.ts'

/** A line of C, as the verifier quotes it from the program's line info. */
export interface SourceLine {
  /** The code, without indentation. */
  readonly code: string
  /** File name without folder; older kernels than 6.9 do not tell it. */
  readonly file?: string
  readonly line?: number
}

/** One instruction that the verifier looked at; a loop's body appears once per round. */
export interface LogStep {
  /** Slot of the instruction within the program. */
  readonly insn: number
  /** Opcode, as the verifier prints it before the text. */
  readonly code: number
  /** The instruction: `r1 = *(u32 *)(r1 +0)`. */
  readonly text: string
  /** Number of its line in the log, from 0 on. */
  readonly logLine: number
  /** The C line it was compiled from. */
  readonly source?: SourceLine
  /** The step before it on the same path; undefined for the first of a function. */
  readonly parent?: LogStep
  /** Register states that the log gives directly before the instruction, unparsed. */
  readonly before?: string
  /** Register states after it, unparsed; only what it changed. */
  readonly after?: string
}

/** The numbers that end a log (kernel/bpf/verifier.c, print_verification_stats). */
export interface VerifierStatistics {
  /** Instructions looked at, counting each round of a loop. */
  readonly insnsProcessed: number
  /** How many may be looked at: 1,000,000. */
  readonly insnLimit: number
  readonly maxStatesPerInsn: number
  readonly totalStates: number
  readonly peakStates: number
  /** Longest chain of parents for which a register was marked as read. */
  readonly markRead: number
  /** Microseconds; with log level 4 only. */
  readonly verificationTime?: number
  /** Bytes of stack per function; with log level 4 only. */
  readonly stackDepth?: readonly number[]
}

/** Which of its three ways of writing the verifier used. */
export type VerifierDialect =
  /** Before Linux 5.18: numbers are called `inv`. */
  | 'inv'
  /** Since Linux 5.18: numbers are called `scalar`. */
  | 'scalar'
  /** Since Linux 7.3: a report with Reason, At, Causal path and Suggestion follows. */
  | 'report'

/** A verifier log taken apart. */
export interface VerifierLog {
  /** The log as it came. */
  readonly text: string
  readonly dialect: VerifierDialect
  /** Every instruction in the order in which the verifier looked at it. */
  readonly steps: readonly LogStep[]
  /** The step at which it gave up, or the last one of a program that was accepted. */
  readonly last?: LogStep
  /** What the verifier said at the end, in its own words; empty for an accepted program. */
  readonly reason: readonly string[]
  /** Everything else it said on the way. */
  readonly notes: readonly string[]
  /** Functions that were verified on their own (global functions), in order. */
  readonly validated: readonly string[]
  readonly statistics?: VerifierStatistics
  readonly report?: VerifierReport
}
