import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type FileBlock, ReadmeError } from './parse.ts'

/** A line of a quotation that stands for lines left out: `...`, `// ...`, or a comment with an ellipsis alone. */
const GAP = /^\s*(?:\/\/|\/\*|#)?\s*(?:\.\.\.|…)\s*(?:\*\/)?\s*$/

/**
 * Checks that a block is, line by line and space by space, a part of the file that it names.
 * @param readme full path of the README
 * @throws ReadmeError that shows the line that differs
 */
export function checkQuote(block: FileBlock, readme: string): void {
  const path = resolve(dirname(readme), block.file)
  if (!existsSync(path))
    throw new ReadmeError(readme, block.line - 1, `there is no file ${block.file}`)
  const source = readFileSync(path, 'utf8').split('\n')
  let from = 0 // line of the file at which the next part may begin
  for (const part of partsOf(block)) {
    const found = find(source, part.lines, from)
    if (found.lines < part.lines.length) {
      const at = found.at + found.lines
      throw new ReadmeError(
        readme,
        part.line + found.lines,
        [
          `this is not what ${block.file} says${from > 0 ? ` after line ${from}` : ''}`,
          `  README:  ${part.lines[found.lines]}`,
          `  line ${at + 1}: ${source[at] ?? '(the end of the file)'}`,
        ].join('\n'),
      )
    }
    from = found.at + found.lines
  }
}

/** The stretches between the gaps. */
function partsOf({ line, lines }: FileBlock): { line: number; lines: string[] }[] {
  const parts = [{ line, lines: [] as string[] }]
  lines.forEach((text, n) => {
    if (GAP.test(text)) parts.push({ line: line + n + 1, lines: [] })
    else parts.at(-1)?.lines.push(text)
  })
  return parts.filter((part) => part.lines.length > 0)
}

/** Where the most of the part's lines agree, the first such place. */
function find(source: readonly string[], part: readonly string[], from: number) {
  let best = { at: from, lines: -1 }
  for (let at = from; at < source.length; at++) {
    const differs = part.findIndex((text, n) => source[at + n] !== text)
    const lines = differs < 0 ? part.length : differs
    if (lines > best.lines) best = { at, lines }
  }
  return best
}
