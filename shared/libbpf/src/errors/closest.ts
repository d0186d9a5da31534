/** More wrong letters than this are another name. */
const MOST_EDITS = 3

/**
 * The candidates that a misspelt name may have meant, best first.
 * @param most how many to return at most
 */
export function closest(name: string, candidates: Iterable<string>, most = 3): string[] {
  const limit = Math.min(MOST_EDITS, Math.max(1, Math.floor(name.length / 3)))
  const letters = countLetters(name)
  const found: { candidate: string; edits: number }[] = []
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) > limit) continue
    if (!sharesLetters(letters, name.length, candidate, limit)) continue
    const edits = distance(name, candidate, limit)
    if (edits <= limit) found.push({ candidate, edits })
  }
  const best = Math.min(...found.map(({ edits }) => edits))
  return found
    .filter(({ edits }) => edits <= best + 1)
    .toSorted((a, b) => a.edits - b.edits || a.candidate.localeCompare(b.candidate))
    .slice(0, most)
    .map(({ candidate }) => candidate)
}

const CODES = 128
const left = new Uint8Array(CODES)

function countLetters(name: string): Uint8Array {
  const counts = new Uint8Array(CODES)
  for (let i = 0; i < name.length; i++) counts[name.charCodeAt(i) % CODES]!++
  return counts
}

/** A cheap bound, since the kernel has 200,000 names: each letter that is in only one of the two costs an edit. */
function sharesLetters(
  letters: Uint8Array,
  length: number,
  candidate: string,
  limit: number,
): boolean {
  left.set(letters)
  let shared = 0
  for (let i = 0; i < candidate.length; i++) {
    const code = candidate.charCodeAt(i) % CODES
    if (left[code]! > 0) {
      left[code]!--
      shared++
    }
  }
  return Math.max(length, candidate.length) - shared <= limit
}

/** Edits that turn one into the other: insert, delete, replace, swap neighbours; given up once they exceed `limit`. */
function distance(a: string, b: string, limit: number): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      next.push(
        Math.min(
          at(row, j - 1) + (same ? 0 : 1),
          at(row, j) + 1,
          at(next, j - 1) + 1,
          swapped ? at(before, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
    if (Math.min(...next, ...row) > limit) return limit + 1
    before = row
    row = next
  }
  return at(row, b.length)
}

function at(row: readonly number[], i: number): number {
  return row[i] ?? Number.POSITIVE_INFINITY
}
