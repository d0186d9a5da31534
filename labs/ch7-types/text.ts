import type { Hook, Sighting } from './hook.ts'
import type { Other, Support } from './support.ts'

const WIDTH = 80
const indent = '     '

/** A hook as a row of the table. */
export function rowOf(hook: Hook, { here, reason, needs }: Support): string[] {
  const { name, section, since, when, context, returns } = hook
  const head = `${here ? 'yes' : 'NO '}  ${name.padEnd(15)} ${since.padStart(5)}  SEC("${section}")`
  const lacks = here ? '' : `: ${reason}${needs === undefined ? '' : `; needs ${needs}`}`
  return [
    head,
    ...fold(`runs when ${when}; gets ${context}; its return value: ${returns}`),
    ...(lacks === '' ? [] : fold(`not here${lacks}`)),
  ]
}

/** What the table says of a type without an example. */
export function otherLine({ what, name, here, needs }: Other): string {
  const why = needs === undefined ? '' : `, needs ${needs}`
  return `${here ? 'yes' : 'NO '}  ${name} (${what}${why})`
}

/** What stands above a hook's sightings. */
export function headOf({ name, section, since, when, context, returns }: Hook): string[] {
  return [
    `${name}: runs when ${when}`,
    ...fold(`SEC("${section}"), since Linux ${since}`),
    ...fold(`gets ${context}`),
    ...fold(`its return value: ${returns}`),
  ]
}

/** One thing that was done, what the program saw of it, and what came of it. */
export function sightingLines({ did, saw, outcome }: Sighting): string[] {
  const fields = saw && Object.entries(saw).map(([name, value]) => `${name} ${value}`)
  return [
    did,
    ...fold(fields ? `the program saw: ${fields.join(', ')}` : 'the program did not run'),
    ...(outcome === undefined ? [] : fold(`what came of it: ${outcome}`)),
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
