import type { Loader } from './loaders.ts'
import { nearest } from './nearest.ts'

/** What `npx nx start LAB -- …` is to do. */
export type Choice =
  | { do: 'run'; loader: Loader; args: string[] }
  | { do: 'list'; text: string }
  | { do: 'refuse'; text: string }

/**
 * Chooses a lab's loader by the words after `--`: the one whose name comes first; else the lab's own, for which all words are; else
 * the only one.
 */
export function choose(lab: string, loaders: readonly Loader[], words: readonly string[]): Choice {
  const [first] = words
  const [only] = loaders
  if (!only) return { do: 'refuse', text: `${lab} has no loader.` }
  const named = loaders.find(({ name, file }) => first === name || first === file)
  if (named) return { do: 'run', loader: named, args: words.slice(1) }
  const own = loaders.find(({ main }) => main)
  if (own) return { do: 'run', loader: own, args: [...words] }
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
