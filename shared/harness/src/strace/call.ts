import { StraceSyntaxError, type StraceValue, ValueReader } from './value.ts'

/** A system call, as strace saw it. */
export interface Call {
  /** The thread that made it. */
  pid: number
  /** Seconds since 1970, when it began. */
  time: number
  name: string
  args: StraceValue[]
  /** Arguments that strace names: `flags` of clone(2). */
  named: Record<string, StraceValue>
  /** What it returned: a number, a descriptor, or undefined if it never did. */
  result: StraceValue | undefined
  /** `EPERM`, if it failed. */
  errno?: string
  /** In words: `Operation not permitted`. */
  error?: string
}

/** The end of a thread. */
export interface Ending {
  pid: number
  time: number
  /** `exited with 0`, `killed by SIGINT`. */
  how: string
}

/** A line that was not understood. */
export interface Unread {
  line: string
  /** What was expected, and where. */
  problem: string
}

/** Puts the lines of `strace -f -ttt` together to calls; a call that another thread interrupts comes on two lines. */
export class CallReader {
  readonly #unfinished = new Map<number, { time: number; text: string }>()

  /**
   * Takes one line; returns the call that it completes, if any. Signals and strace's own words are passed over. A newer strace may
   * write what this does not understand: such a line is passed on as it is.
   */
  read(line: string): Call | Ending | Unread | undefined {
    try {
      return this.#read(line)
    } catch (error) {
      if (!(error instanceof StraceSyntaxError)) throw error
      return { line, problem: error.message }
    }
  }

  #read(line: string): Call | Ending | undefined {
    const [, id, stamp, text = ''] = /^(\d+)\s+(\d+\.\d+)\s+(.*)$/s.exec(line) ?? []
    if (id === undefined) return undefined
    const pid = Number(id)
    const time = Number(stamp)
    const ending = /^\+\+\+ (.*) \+\+\+$/.exec(text)?.[1]
    if (ending !== undefined) return { pid, time, how: ending }
    const begun = /^(.*?)\s*<unfinished \.\.\.>$/s.exec(text)?.[1]
    if (begun !== undefined) {
      this.#unfinished.set(pid, { time, text: begun })
      return undefined
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/s.exec(text)?.[1]
    if (resumed === undefined) return parseCall(pid, time, text)
    const first = this.#unfinished.get(pid)
    this.#unfinished.delete(pid)
    return first && parseCall(pid, first.time, first.text + resumed)
  }
}

function parseCall(pid: number, time: number, text: string): Call | undefined {
  const name = /^(\w+)\(/.exec(text)?.[1]
  if (name === undefined) return undefined // a signal: --- SIGINT {…} ---
  const reader = new ValueReader(text, name.length + 1)
  const { list: args, named } = reader.arguments(')')
  const call: Call = { pid, time, name, args, named, result: undefined }
  const [, returned = '?'] = /^\s*=\s*(.*)$/s.exec(reader.rest) ?? []
  if (returned.startsWith('?')) return call
  const failed = /^-1 (\w+) \((.*?)\)/.exec(returned)
  if (failed) return { ...call, result: -1, errno: failed[1] ?? '', error: failed[2] ?? '' }
  return { ...call, result: new ValueReader(returned).value() }
}
