import type { Hook, Sighting } from './hook.ts'
import { type Other, type Support, oldestOf } from './support.ts'

const WIDTH = 80
const indent = '     '

/** A hook as a row of the table. */
export function rowOf(hook: Hook, { here, reason, needs }: Omit<Support, 'types'>): string[] {
  const mark = here ? 'yes' : 'NO '
  const head = `${mark}  ${hook.name.padEnd(15)} ${oldestOf(hook).padStart(5)}  SEC("${hook.section}")`
  const lacks = needs === undefined ? `${reason}` : `${reason}; needs ${needs}`
  return [head, ...aboutOf(hook), ...(here ? [] : fold(`not here: ${lacks}`))]
}

function aboutOf({ when, context, returns }: Hook): string[] {
  return [`runs when ${when}`, `gets ${context}`, `returns: ${returns}`].flatMap(fold)
}

/** What the table says of a type without an example. */
export function otherLine({ what, name, here, needs }: Other): string {
  const why = needs === undefined ? '' : `, needs ${needs}`
  return `${here ? 'yes' : 'NO '}  ${name} (${what}${why})`
}

/** What stands above a hook's sightings. */
export function headOf(hook: Hook): string[] {
  return [`${hook.name}: SEC("${hook.section}"), since Linux ${oldestOf(hook)}`, ...aboutOf(hook)]
}

/** One thing that was done, what the program saw of it, and what came of it. */
export function sightingLines({ did, saw, outcome }: Sighting): string[] {
  const fields = Object.entries(saw ?? {}).map(([name, value]) => `${name} ${value}`)
  return [
    '',
    did,
    ...fold(saw ? `saw ${fields.join(', ')}` : 'did not run'),
    ...(outcome === undefined ? [] : fold(`outcome: ${outcome}`)),
  ]
}

/** Words in lines of at most 80 columns, indented. */
function fold(text: string): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > WIDTH) {
      lines.push(indent + line)
      line = ''
    }
    line += line === '' ? word : ` ${word}`
  }
  return [...lines, indent + line]
}
