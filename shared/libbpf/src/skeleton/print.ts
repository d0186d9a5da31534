/** Prints pieces of TypeScript as the workspace's formatter (oxfmt, 100 columns) leaves them. */

const WIDTH = 100

const pad = (indent: number): string => ' '.repeat(indent)

/** Every line of a text, moved to the right. */
export const indented = (text: string, indent: number): string =>
  text.replaceAll(/^(?=.)/gm, pad(indent))

/**
 * A call, its arguments one to a line where they do not fit.
 *
 * @param before What stands on its line before it.
 * @param after What follows its closing parenthesis.
 */
export function call(before: string, callee: string, args: readonly string[], after = ''): string {
  const flat = `${callee}(${args.join(', ')})`
  if (before.length + flat.length + after.length <= WIDTH) return `${before}${flat}${after}`
  const base = /^ */.exec(before)?.[0].length ?? 0
  const lines = args.map((arg) => `${pad(base + 2)}${arg},\n`).join('')
  return `${before}${callee}(\n${lines}${pad(base)})${after}`
}

/** A call whose last argument is a list, which breaks before the call does. */
export function listCall(
  before: string,
  callee: string,
  first: string,
  items: readonly string[],
): string {
  const flat = `${before}${callee}(${first}, [${items.join(', ')}])`
  if (flat.length <= WIDTH && !flat.includes('\n')) return flat
  const base = /^ */.exec(before)?.[0].length ?? 0
  const lines = items.map((item) => `${indented(item, base + 2)},\n`).join('')
  return `${before}${callee}(${first}, [\n${lines}${pad(base)}])`
}

/** `key: { … }` of an object literal, on one line where it fits. */
export function entry(before: string, fields: readonly string[]): string {
  const flat = `${before}{ ${fields.join(', ')} },`
  if (flat.length <= WIDTH && !flat.includes('\n')) return flat
  const base = /^ */.exec(before)?.[0].length ?? 0
  const lines = fields.map((field) => `${pad(base + 2)}${field},\n`).join('')
  return `${before}{\n${lines}${pad(base)}},`
}

/** `key: 'text',` of an object literal, the text on a line of its own where it does not fit. */
export function textEntry(before: string, text: string): string {
  const flat = `${before} ${text},`
  if (flat.length <= WIDTH) return flat
  const base = /^ */.exec(before)?.[0].length ?? 0
  return `${before}\n${pad(base + 2)}${text},`
}

/** Names to import from the package. */
export function importFrom(names: readonly string[], from: string): string {
  const flat = `import { ${names.join(', ')} } from '${from}'`
  if (flat.length <= WIDTH) return flat
  return `import {\n${names.map((name) => `  ${name},\n`).join('')}} from '${from}'`
}

/** `export type name = a | b`. */
export function unionType(name: string, parts: readonly string[]): string {
  const flat = `export type ${name} = ${parts.join(' | ')}`
  if (flat.length <= WIDTH) return flat
  return `export type ${name} =\n${parts.map((part) => `  | ${part}`).join('\n')}`
}
