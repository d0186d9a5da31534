import { errnoCode, errnoText } from './errno.ts'

/** What a {@link BpfError} is made of; the message is put together from it. */
export interface BpfErrorInit {
  /** What was tried, as a verb and its object: `attach program`. */
  operation: string
  /** The name of the thing it was tried on: a program, a map, a path. */
  subject?: string | undefined
  /** Where to, after the subject: `to tracepoint sched/sched_switch`. */
  target?: string | undefined
  /** Error number from the kernel or libbpf, either sign. */
  errno?: number | undefined
  /** What would have been right, if the arguments were wrong. */
  expected?: string | undefined
  /** What came instead. */
  got?: string | undefined
  /** What is wrong, in words, where "expected … got …" does not fit. */
  problem?: string | undefined
  /** What to do next. */
  hint?: string | undefined
  cause?: unknown
}

/** A failed BPF operation: what was tried, on what, why it failed and what to do next. */
export class BpfError extends Error {
  override name = 'BpfError'
  /** What was tried: `attach program`. */
  readonly operation: string
  /** What it was tried on, if it has a name. */
  readonly subject: string | undefined
  /** Positive error number, if the kernel or libbpf gave one. */
  readonly errno: number | undefined
  /** Symbolic name of `errno`, for example `EPERM`. */
  readonly code: string | undefined
  /** What to do next. */
  readonly hint: string | undefined

  constructor(init: BpfErrorInit) {
    super(message(init), init.cause === undefined ? undefined : { cause: init.cause })
    this.operation = init.operation
    this.subject = init.subject
    this.errno = init.errno === undefined ? undefined : Math.abs(init.errno)
    this.code = init.errno === undefined ? undefined : errnoCode(init.errno)
    this.hint = init.hint
  }
}

function message(init: BpfErrorInit): string {
  const what = [
    init.operation,
    init.subject === undefined ? undefined : `'${init.subject}'`,
    init.target,
  ]
    .filter(Boolean)
    .join(' ')
  const why = [
    init.problem,
    init.expected && init.got
      ? `expected ${init.expected}, got ${init.got}`
      : init.expected
        ? `expected ${init.expected}`
        : init.got && `got ${init.got}`,
    init.errno && `${errnoText(init.errno)} (${errnoCode(init.errno)})`,
  ].filter(Boolean)
  const first = `cannot ${what}${why.length > 0 ? `: ${why.join(': ')}` : ''}`
  return init.hint ? `${first}\n${init.hint}` : first
}
