/** The texts that placeholders stood for, by name. */
export type Captures = Record<string, string>

/** One line of expected output: its text, or `...` for any number of lines. */
export interface LinePattern {
  source: string
  any: boolean
  /**
   * Whether an actual line is this one. New captures are put into `captures`; a name that is there already stands for the same text.
   */
  match(line: string, captures: Captures): boolean
}

const kinds: Record<string, string> = {
  d: String.raw`-?\d+`,
  f: String.raw`-?\d+(?:\.\d+)?`,
  x: String.raw`(?:0x)?[0-9a-fA-F]+`,
  s: '.*?',
}
const WORD = String.raw`\S+`
const placeholder = /\\?\{([A-Za-z_]\w*)(?::([dfxs]))?\}/g

/**
 * Reads one line of expected output: `{name}` is any word, `{n:d}` a whole number, `{n:f}` a number, `{n:x}` a hexadecimal one,
 * `{text:s}` any text. The same name is the same text in all of the README; `{_}` is never remembered. `\{` is a brace.
 * Two spaces or more stand for two or more: the width of a column depends on what is in it.
 */
export function linePattern(source: string): LinePattern {
  const any = source.trim() === '...'
  const names: string[] = []
  let at = 0
  let expression = ''
  for (const found of source.matchAll(placeholder)) {
    expression += literal(source.slice(at, found.index))
    at = found.index + found[0].length
    const [text, name = '', kind = ''] = found
    if (text.startsWith('\\')) {
      expression += RegExp.escape(text.slice(1))
    } else {
      names.push(name)
      expression += `(${kinds[kind] ?? WORD})`
    }
  }
  const whole = new RegExp(`^${expression}${literal(source.slice(at).trimEnd())}$`)
  return {
    source,
    any,
    match(line, captures) {
      const found = whole.exec(line.trimEnd())
      if (!found) return false
      const texts = names.map((name, n) => [name, found[n + 1] ?? ''] as const)
      const fresh: Captures = {}
      for (const [name, text] of texts) {
        if (name === '_') continue
        if ((captures[name] ?? fresh[name] ?? text) !== text) return false
        fresh[name] = text
      }
      Object.assign(captures, fresh)
      return true
    },
  }
}

function literal(text: string): string {
  return text
    .split(/ {2,}/)
    .map((part) => RegExp.escape(part))
    .join(' {2,}')
}

/** Puts what was captured in place of `{name}`; other braces stay. */
export function fillIn(command: string, captures: Captures): string {
  return command.replace(/\{([A-Za-z_]\w*)\}/g, (text, name: string) => captures[name] ?? text)
}
