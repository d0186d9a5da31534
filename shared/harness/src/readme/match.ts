import type { Captures, LinePattern } from './pattern.ts'

/** How expected and actual output compare. */
export type MatchResult =
  /** All that is expected came. */
  | { outcome: 'match'; captures: Captures }
  /** More lines may still make it one. */
  | { outcome: 'pending' }
  /** No further line can. */
  | { outcome: 'mismatch' }

/**
 * Compares what came so far with what is expected; `...` stands for as few lines as possible.
 * @param ended whether no more lines can come, and none may be left over
 */
export function matchLines(
  patterns: readonly LinePattern[],
  lines: readonly string[],
  captures: Captures,
  ended: boolean,
): MatchResult {
  let pending = false
  const failed = new Set<string>() // places that cannot be reached to a good end; without captures only
  const from = (p: number, l: number, known: Captures): Captures | undefined => {
    const pattern = patterns[p]
    if (!pattern) return !ended || l === lines.length ? known : undefined
    const key = `${p} ${l} ${JSON.stringify(known)}`
    if (failed.has(key)) return undefined
    const found = pattern.any ? skip(p, l, known) : step(pattern, p, l, known)
    if (!found) failed.add(key)
    return found
  }
  const skip = (p: number, l: number, known: Captures): Captures | undefined => {
    for (let next = l; next <= lines.length; next++) {
      const found = from(p + 1, next, known)
      if (found) return found
    }
    return undefined
  }
  const step = (pattern: LinePattern, p: number, l: number, known: Captures) => {
    const line = lines[l]
    if (line === undefined) {
      pending = true
      return undefined
    }
    const next = { ...known }
    return pattern.match(line, next) ? from(p + 1, l + 1, next) : undefined
  }
  const found = from(0, 0, captures)
  if (found) return { outcome: 'match', captures: found }
  return { outcome: pending && !ended ? 'pending' : 'mismatch' }
}
