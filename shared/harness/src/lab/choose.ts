import type { Loader } from './loaders.ts'

/** What `npx nx start LAB -- …` is to do. */
export type Choice =
  | { do: 'run'; loader: Loader; args: string[] }
  | { do: 'list'; text: string }
  | { do: 'refuse'; text: string }

/** Chooses a lab's loader by the words after `--`: the only one, or the one whose name comes first. */
export function choose(lab: string, loaders: readonly Loader[], words: readonly string[]): Choice {
  const [first] = words
  const [only] = loaders
  if (!only) return { do: 'refuse', text: `${lab} has no loader.` }
  const named = loaders.find(({ name, file }) => first === name || first === file)
  if (named) return { do: 'run', loader: named, args: words.slice(1) }
  if (loaders.length === 1 && (first === undefined || first.startsWith('-')))
    return { do: 'run', loader: only, args: [...words] }
  if (first === undefined || first.startsWith('-'))
    return { do: 'list', text: listOf(lab, loaders) }
  const near = nearest(
    first,
    loaders.map(({ name }) => name),
  )
  const meant = near === undefined ? '' : ` Did you mean '${near}'?`
  return { do: 'refuse', text: `${lab} has no '${first}'.${meant}\n\n${listOf(lab, loaders)}` }
}

function listOf(lab: string, loaders: readonly Loader[]): string {
  const width = Math.max(...loaders.map(({ name }) => name.length))
  const rows = loaders.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`.trimEnd())
  return [`${lab} has:`, ...rows, '', `Start one: npx nx start ${lab} -- ${loaders[0]?.name}`].join(
    '\n',
  )
}

/** The name that differs in the fewest letters, if that is less than half of them. */
function nearest(word: string, names: readonly string[]): string | undefined {
  const ranked = names
    .map((name) => ({ name, distance: name.includes(word) ? 1 : distance(word, name) }))
    .toSorted((a, b) => a.distance - b.distance)
  const [best] = ranked
  return best && best.distance <= Math.max(word.length, best.name.length) / 2
    ? best.name
    : undefined
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n)
  for (const [i, letter] of a.split('').entries()) {
    const next = [i + 1]
    for (const [j, other] of b.split('').entries())
      next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + (letter === other ? 0 : 1)))
    row = next
  }
  return row.at(-1)!
}
