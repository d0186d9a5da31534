import type { LogStep, SourceLine, VerifierLog, VerifierStatistics } from './log.ts'
import type { VerifierReport } from './report.ts'

type MutableStep = { -readonly [K in keyof LogStep]: LogStep[K] }

const INSN = /^(\d+): \(([0-9a-f]{2})\) (.*)$/
const STATE = /^(\d+):((?: frame\d+:)?(?: ?(?:R\d|fp-|refs=|cb\b)).*| ?)$/
const BRANCH = /^from (\d+) to (\d+)(?: \([\w ]+\))?:(.*)$/
const SOURCE_PLACE = /^(.*) @ ([^@]*):(\d+)$/
const PROCESSED =
  /^processed (\d+) insns(?: \(limit (\d+)\))?(?: max_states_per_insn (\d+) total_states (\d+) peak_states (\d+) mark_read (\d+))?/

/** Lines about how the verifier works, which say nothing about why it stops. */
const INTERNAL =
  /^(?:func#\d+ @|\(\d+\) (?:frame \d|live stack)|Live regs before insn|mark_precise: |force_precise: |last_idx |regs=|parent (?:didn't|already|state)|frame ?\d*:? ?(?:: )?propagating|propagating |SCC |BTF |-- (?:BEGIN|END) |libbpf: |arg#\d+ reference type|stack use|\d+: safe$|mark_reg_|max_states|cur state:|old state:| ?frame\d+: | R\d+(?:_\w+)?=)/
/** Since Linux 6.16, a table of the registers that are alive before each instruction. */
const LIVE_REGISTERS = /^\s*(?:\d+\s+)?\d+: [.0-9]{10,} \(/

/** Collects a log line by line. */
export class LogBuilder {
  readonly #text: string
  readonly #steps: MutableStep[] = []
  readonly #open = new Map<number, MutableStep[]>()
  readonly #validated: string[] = []
  #messages: { text: string; afterStep: number }[] = []
  #source: SourceLine | undefined
  #previous: MutableStep | undefined
  #state: { insn: number; text: string } | undefined
  #statistics: VerifierStatistics | undefined
  #time: number | undefined
  #stackDepth: readonly number[] | undefined
  #old = false

  constructor(text: string) {
    this.#text = text
  }

  line(line: string, number: number): void {
    const first = line.charCodeAt(0)
    if (Number.isNaN(first)) return
    if (first >= 0x30 && first <= 0x39) return this.#numbered(line, number)
    if (line.startsWith('; ')) return this.#sourceLine(line)
    if (line.startsWith('from ')) return this.#branch(line)
    if (line.startsWith('Validating ')) return this.#validating(line)
    if (this.#statistic(line) || INTERNAL.test(line) || LIVE_REGISTERS.test(line)) return
    if (/^(?:caller|callee|returning from callee|to caller at \d+):/.test(line)) return
    this.#messages.push({ text: line, afterStep: this.#steps.length })
  }

  finish(report: VerifierReport | undefined): VerifierLog {
    const { reason, notes } = this.#split()
    return {
      text: this.#text,
      dialect: report ? 'report' : this.#old ? 'inv' : 'scalar',
      steps: this.#steps,
      ...(this.#previous ? { last: this.#previous } : {}),
      reason,
      notes,
      validated: this.#validated,
      ...(this.#statistics ? { statistics: this.#withLevel4(this.#statistics) } : {}),
      ...(report ? { report } : {}),
    }
  }

  /** `12: (85) call …`, `12: R0=…` or `12: safe` */
  #numbered(line: string, number: number): void {
    const insn = INSN.exec(line)
    if (insn)
      return this.#insn(Number(insn[1]), Number.parseInt(insn[2] ?? '', 16), insn[3] ?? '', number)
    const state = STATE.exec(line)
    if (state) return this.#stateLine(Number(state[1]), state[2] ?? '')
    if (!line.endsWith(': safe') && !LIVE_REGISTERS.test(line)) {
      this.#messages.push({ text: line, afterStep: this.#steps.length })
    }
  }

  #insn(insn: number, code: number, rest: string, logLine: number): void {
    const [text, after, next] = splitState(rest)
    const before = this.#state?.insn === insn ? this.#state.text : undefined
    const step: MutableStep = {
      insn,
      code,
      text,
      logLine,
      ...(this.#source ? { source: this.#source } : {}),
      ...(this.#previous ? { parent: this.#previous } : {}),
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    }
    this.#steps.push(step)
    this.#previous = step
    this.#state = undefined
    this.#rememberBranch(step)
    if (next) this.#stateLine(Number(next[1]), next[2] ?? '')
  }

  /** A conditional jump has a second way out, which the verifier comes back to later. */
  #rememberBranch(step: MutableStep): void {
    if (!step.text.startsWith('if ') && !step.text.startsWith('may_goto') && step.code !== 0x85)
      return
    const pending = this.#open.get(step.insn)
    if (pending) pending.push(step)
    else this.#open.set(step.insn, [step])
  }

  #stateLine(insn: number, text: string): void {
    if (!this.#old && /=inv[P(\d-]|=inv$/.test(text)) this.#old = true
    this.#state = { insn, text: this.#state?.insn === insn ? this.#state.text + text : text }
  }

  /** `from 6 to 12: R0=…`: the path goes on at 12, as it was after the jump at 6. */
  #branch(line: string): void {
    const match = BRANCH.exec(line)
    if (!match) return
    const [, from, to, state = ''] = match
    if (state.trim() === 'safe') return
    // Depth first: the branch point is the last one of this number whose second way is still open.
    const point = this.#open.get(Number(from))?.pop()
    if (point) this.#previous = point
    this.#source = undefined
    this.#state = undefined
    if (state !== '') this.#stateLine(Number(to), state)
  }

  #sourceLine(line: string): void {
    const text = line.slice(2)
    const place = SOURCE_PLACE.exec(text)
    this.#source = place
      ? { code: place[1] ?? '', file: place[2] ?? '', line: Number(place[3]) }
      : { code: text }
  }

  #validating(line: string): void {
    const name = /^Validating (\S+)\(\)/.exec(line)?.[1]
    if (name !== undefined) this.#validated.push(name)
    this.#previous = undefined
    this.#source = undefined
  }

  #statistic(line: string): boolean {
    const numbers = PROCESSED.exec(line)
      ?.slice(1)
      .map((n) => Number(n ?? 0))
    if (numbers) {
      const [processed = 0, limit = 0, perInsn = 0, total = 0, peak = 0, markRead = 0] = numbers
      this.#statistics = {
        insnsProcessed: processed,
        insnLimit: limit,
        maxStatesPerInsn: perInsn,
        totalStates: total,
        peakStates: peak,
        markRead,
      }
      return true
    }
    const time = /^verification time (\d+) usec/.exec(line)?.[1]
    if (time !== undefined) this.#time = Number(time)
    const depth = /^stack depth ([\d+]+)/.exec(line)?.[1]
    if (depth !== undefined) this.#stackDepth = depth.split('+').map(Number)
    return time !== undefined || depth !== undefined
  }

  #withLevel4(statistics: VerifierStatistics): VerifierStatistics {
    return {
      ...statistics,
      ...(this.#time === undefined ? {} : { verificationTime: this.#time }),
      ...(this.#stackDepth ? { stackDepth: this.#stackDepth } : {}),
    }
  }

  /** The reason is what was said after the last instruction; the rest was said on the way. */
  #split(): { reason: string[]; notes: string[] } {
    const last = this.#steps.length
    const isReason = ({ text, afterStep }: { text: string; afterStep: number }): boolean =>
      afterStep === last && !/^Func#\d+ .*(?:is safe|assumed valid)/.test(text)
    return {
      reason: this.#messages.filter(isReason).map(({ text }) => text),
      notes: this.#messages.filter((message) => !isReason(message)).map(({ text }) => text),
    }
  }
}

/**
 * What follows an instruction on its line: `; R0=…`, padded, is the state after it. A jump back prints
 * the next state without a line break: `goto pc-2 2: R0=…`.
 */
function splitState(
  rest: string,
): [text: string, after: string | undefined, next: RegExpExecArray | undefined] {
  const semicolon = rest.indexOf(';')
  if (semicolon >= 0)
    return [rest.slice(0, semicolon).trimEnd(), rest.slice(semicolon + 1).trim(), undefined]
  if (!rest.includes(': ')) return [rest, undefined, undefined]
  const next = / (\d+): ((?:frame\d+: )?(?:R\d|fp-).*)$/.exec(rest)
  return next ? [rest.slice(0, next.index), undefined, next] : [rest, undefined, undefined]
}
