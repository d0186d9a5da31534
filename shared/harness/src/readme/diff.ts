import type { Captures, LinePattern } from './pattern.ts'

interface Edit {
  kind: ' ' | '-' | '+'
  text: string
}

type Equal = (pattern: number, line: number) => boolean

const CONTEXT = 3
// More output than anybody reads in an error.
const MOST_LINES = 1000

/** Expected against got, line by line: `-` was expected and did not come, `+` came and was not expected. */
export function diffLines(
  patterns: readonly LinePattern[],
  got: readonly string[],
  captures: Captures,
): string {
  const lines = got.slice(0, MOST_LINES)
  const equal: Equal = (p, l) => patterns[p]!.match(lines[l]!, { ...captures })
  const edits = shortestEdits(patterns, lines, equal)
  const rest = got.length - lines.length
  return [...shorten(edits), ...(rest > 0 ? [`  … and ${rest} more lines`] : [])].join('\n')
}

function shortestEdits(
  patterns: readonly LinePattern[],
  lines: readonly string[],
  equal: Equal,
): Edit[] {
  const cost = costs(patterns, lines.length, equal)
  const edits: Edit[] = []
  let [p, l] = [0, 0]
  while (p < patterns.length || l < lines.length) {
    const pattern = patterns[p]
    const line = lines[l]
    const here = cost[p]![l]!
    if (pattern?.any && here === cost[p + 1]![l]!) p++
    else if (line !== undefined && pattern?.any) {
      edits.push({ kind: ' ', text: line })
      l++
    } else if (line !== undefined && pattern && equal(p, l) && here === cost[p + 1]![l + 1]!) {
      edits.push({ kind: ' ', text: line })
      p++
      l++
    } else if (pattern && here === cost[p + 1]![l]! + 1) {
      edits.push({ kind: '-', text: pattern.source })
      p++
    } else {
      edits.push({ kind: '+', text: line! })
      l++
    }
  }
  return edits
}

/** The fewest differing lines from every pair of places to the end. */
function costs(patterns: readonly LinePattern[], lines: number, equal: Equal): number[][] {
  const cost = Array.from({ length: patterns.length + 1 }, () => Array<number>(lines + 1).fill(0))
  for (let p = patterns.length; p >= 0; p--)
    for (let l = lines; l >= 0; l--) {
      const pattern = patterns[p]
      const single = pattern?.any ? 0 : 1
      const choices: number[] = []
      if (pattern) choices.push(cost[p + 1]![l]! + single)
      if (l < lines) choices.push(cost[p]![l + 1]! + single)
      if (pattern && !pattern.any && l < lines && equal(p, l)) choices.push(cost[p + 1]![l + 1]!)
      cost[p]![l] = choices.length === 0 ? 0 : Math.min(...choices)
    }
  return cost
}

/** Of a long stretch that agrees only the lines next to a difference are shown. */
function shorten(edits: readonly Edit[]): string[] {
  const isNear = (n: number) =>
    edits.slice(Math.max(0, n - CONTEXT), n + CONTEXT + 1).some(({ kind }) => kind !== ' ')
  return edits.flatMap(({ kind, text }, n) => {
    if (isNear(n)) return [`${kind} ${text}`]
    return n === 0 || isNear(n - 1) ? ['  ⋮'] : []
  })
}
