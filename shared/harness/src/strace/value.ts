/** A descriptor as `strace -y` shows it: its number and what it refers to. */
export interface Descriptor {
  fd: number
  /** A path, or `anon_inode:bpf-map`, `anon_inode:bpf-prog`, `anon_inode:[perf_event]` and the like. */
  path: string
}

/**
 * An argument as strace prints it. Constants and flags are strings (`BPF_MAP_TYPE_HASH`, `A|B`), and so are C strings; NULL is null.
 * Pointers that strace does not follow are numbers.
 */
export type StraceValue =
  | string
  | number
  | bigint
  | null
  | Descriptor
  | StraceValue[]
  | { [field: string]: StraceValue }

/** Strace printed something that this parser does not understand. */
export class StraceSyntaxError extends Error {
  override name = 'StraceSyntaxError'

  constructor(text: string, at: number, expected: string) {
    super(
      `strace output: expected ${expected} at ${at}: ${text.slice(Math.max(0, at - 20), at + 40)}`,
    )
  }
}

/** Whether a value is a descriptor. */
export function isDescriptor(value: StraceValue | undefined): value is Descriptor {
  return typeof value === 'object' && value !== null && 'fd' in value && 'path' in value
}

/** Reads the values of a call one after the other. */
export class ValueReader {
  readonly #text: string
  #at: number

  constructor(text: string, at = 0) {
    this.#text = text
    this.#at = at
  }

  /** What has not been read yet. */
  get rest(): string {
    return this.#text.slice(this.#at)
  }

  /** Reads `value, name=value, …` up to the closing bracket, and that. Named ones are in `named` too. */
  arguments(close: ')' | ']' | '}'): { list: StraceValue[]; named: Record<string, StraceValue> } {
    const list: StraceValue[] = []
    const named: Record<string, StraceValue> = {}
    for (;;) {
      this.#skip()
      if (this.#take(close)) return { list, named }
      if (this.#at >= this.#text.length) throw this.#error(`'${close}'`)
      if (this.#take(',') || this.#take('...')) continue
      const name = this.#match(/([A-Za-z_]\w*)=(?!=)/y)?.[1]
      const value = this.value()
      list.push(value)
      if (name !== undefined) named[name] = value
    }
  }

  /** Reads one value. Of one that the call changed, `before => after`, the latter. */
  value(): StraceValue {
    let value = this.#single()
    for (;;) {
      this.#skip()
      if (!this.#take('=>')) return value
      this.#skip()
      value = merge(value, this.#single())
    }
  }

  #single(): StraceValue {
    if (this.#take('{')) {
      const { list, named } = this.arguments('}')
      return Object.keys(named).length > 0 || list.length === 0 ? named : list
    }
    if (this.#take('~')) return this.#single()
    if (this.#take('[')) return this.arguments(']').list
    if (this.#take('&')) return this.#single()
    if (this.#text[this.#at] === '"') return this.#string()
    const number = this.#match(/-?(?:0x[0-9a-f]+|\d+)(?![\w(])/y)?.[0]
    if (number !== undefined) return this.#numberOrDescriptor(number)
    const word = this.#match(/[\w.*/?'-][\w.|<*/+?' -]*?(?=[,)\]}(]|\s*(?:=|\/\*)|\s|$)/y)?.[0]
    if (word === undefined) throw this.#error('a value')
    if (word === 'NULL') return null
    // Macros: makedev(0x8, 0x1), KERNEL_VERSION(6, 12, 0). Flags go on behind them: A|1<<B.
    if (!this.#take('(')) return word
    const { list } = this.arguments(')')
    return `${word}(${list.map(textOf).join(', ')})`
  }

  #numberOrDescriptor(text: string): StraceValue {
    const big = text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text)
    const number = Number(big)
    if (this.#take('<')) {
      const path = this.#path()
      this.#take('(deleted)') // strace 6.8 says so behind the bracket
      return { fd: number, path }
    }
    const flags = this.#match(/(?:<<|\|)[\w|<]+/y)?.[0] // 0x1|FLAG, 1<<FLAG
    if (flags !== undefined) return text + flags
    return Number.isSafeInteger(number) ? number : big
  }

  /** A path in angle brackets; they nest, and `->` in the name of a connection is no bracket. */
  #path(): string {
    const start = this.#at
    for (let depth = 1; this.#at < this.#text.length; this.#at++) {
      const letter = this.#text[this.#at]
      if (letter === '<') depth++
      else if (letter === '>' && this.#text[this.#at - 1] !== '-' && --depth === 0)
        return this.#text.slice(start, this.#at++)
    }
    throw this.#error("'>'")
  }

  #string(): string {
    const literal = this.#match(/"((?:[^"\\]|\\[^])*)"(?:\.\.\.)?/y)
    if (!literal) throw this.#error('the end of a string')
    return unescape(literal[1] ?? '')
  }

  #skip(): void {
    this.#match(/(?:\s|\/\*[^]*?\*\/)+/y)
  }

  #take(token: string): boolean {
    if (!this.#text.startsWith(token, this.#at)) return false
    this.#at += token.length
    return true
  }

  #match(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.#at
    const found = expression.exec(this.#text)
    if (found) this.#at = expression.lastIndex
    return found
  }

  #error(expected: string): StraceSyntaxError {
    return new StraceSyntaxError(this.#text, this.#at, expected)
  }
}

const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r', v: '\v', f: '\f' }

/** Bytes that are no letters come as octal or hexadecimal numbers; they become the letters of the same code. */
function unescape(text: string): string {
  return text.replace(/\\(x[0-9a-f]{2}|[0-7]{1,3}|[^])/g, (_, code: string) => {
    if (/^x../.test(code)) return String.fromCharCode(parseInt(code.slice(1), 16))
    if (/^[0-7]/.test(code)) return String.fromCharCode(parseInt(code, 8))
    return escapes[code] ?? code
  })
}

/** A struct that the kernel wrote into: strace shows only what changed. */
function merge(before: StraceValue, after: StraceValue): StraceValue {
  return isStruct(before) && isStruct(after) ? { ...before, ...after } : after
}

function isStruct(value: StraceValue | undefined): value is { [field: string]: StraceValue } {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !isDescriptor(value)
  )
}

/** The fields of a struct; none if it is none. */
export function fieldsOf(value: StraceValue | undefined): Record<string, StraceValue> {
  return isStruct(value) ? value : {}
}

/** A constant, text or number as strace prints it; empty for what has parts. */
export function textOf(value: StraceValue | undefined): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint'
    ? String(value)
    : ''
}
