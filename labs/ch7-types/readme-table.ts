/**
 * Writes the table of hooks into the README: what hooks.ts says of each, and which kernels have it, as probed.json recorded it.
 * `node labs/ch7-types/readme-table.ts --probe` asks each kernel on each architecture before, which takes some minutes;
 * with LAB_KERNEL or LAB_ARCH set, only those.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Hook } from './hook.ts'
import { groups, hooks } from './hooks.ts'

/** What the kernels of the matrix lack: `6.12/amd64` → hook → what it would need. */
export type Probed = Record<string, Lacks>
type Lacks = Record<string, string>

const kernels = ['5.10', '6.1', '6.12', '7.2']
const architectures = ['amd64', 'arm64']
const root = join(import.meta.dirname, '..', '..')
const record = join(import.meta.dirname, 'probed.json')
const readme = join(import.meta.dirname, 'README.md')
const begin = '<!-- Made by readme-table.ts: do not edit. -->'
const end = '<!-- The end of what readme-table.ts made. -->'

export const readProbed = (): Probed => JSON.parse(readFileSync(record, 'utf8'))

/** The tables, one for each group, as they are to be in the README. */
export function tablesOf(probed: Probed): string {
  return Object.entries(groups)
    .map(([group, title]) => {
      const rows = hooks.filter((hook) => hook.group === group).map((hook) => rowOf(hook, probed))
      return [`**${title}**`, '', ...HEAD, ...rows].join('\n')
    })
    .join('\n\n')
}

const columns = ['hook', 'runs when', 'gets', 'its return value', 'since', ...kernels]
const HEAD = [columns, columns.map(() => '---')].map(lineOf)

function rowOf(hook: Hook, probed: Probed): string {
  const { name, group, section, when, context, returns, since, sinceOnArm64 } = hook
  const source = `[${name}](${group}/${name}.bpf.c) \`${section}\``
  const arm64 = sinceOnArm64 === undefined ? '' : `, arm64 ${sinceOnArm64}`
  const has = kernels.map((kernel) => machinesWith(name, kernel, probed))
  return lineOf([source, when, context, returns, `${since}${arm64}`, ...has])
}

/** `yes`, `no`, or the architecture that has it. */
function machinesWith(hook: string, kernel: string, probed: Probed): string {
  const asked = architectures.filter((arch) => probed[`${kernel}/${arch}`])
  const having = asked.filter((arch) => probed[`${kernel}/${arch}`]?.[hook] === undefined)
  if (asked.length < architectures.length) return '?'
  return having.length === asked.length ? 'yes' : having.join(', ') || 'no'
}

function lineOf(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`
}

/** The README's text before, between and after the two comments. */
export function partsOf(text: string): [before: string, tables: string, after: string] {
  const [before = '', rest = ''] = text.split(begin)
  const [tables = '', after] = rest.split(end)
  if (after === undefined) throw new Error(`README.md lacks '${begin}' or '${end}'`)
  return [before, tables.trim(), after]
}

/** Starts the lab's loader on a kernel and takes down what it lacks. */
function probe(kernel: string, arch: string): Lacks {
  const env = { ...process.env, LAB_KERNEL: kernel, LAB_ARCH: arch }
  const command = ['nx', 'start', 'ch7-types', '--', '--json']
  const text = execFileSync('npx', command, { cwd: root, env, encoding: 'utf8' })
  const rows: Record<string, unknown>[] = text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
  const lacking = rows.filter(({ section, here }) => section !== undefined && here === false)
  return Object.fromEntries(
    lacking.map(({ name, needs, reason }) => [String(name), String(needs ?? reason)]),
  )
}

if (import.meta.main) {
  const probed = readProbed()
  const chosen = (all: string[], variable: string) =>
    all.filter((one) => [undefined, one].includes(process.env[variable]))
  if (process.argv.includes('--probe'))
    for (const kernel of chosen(kernels, 'LAB_KERNEL'))
      for (const arch of chosen(architectures, 'LAB_ARCH')) {
        console.log(`probing ${kernel}/${arch}`)
        probed[`${kernel}/${arch}`] = probe(kernel, arch)
      }
  writeFileSync(record, `${JSON.stringify(probed, null, 2)}\n`)
  const [before, , after] = partsOf(readFileSync(readme, 'utf8'))
  const tables = `${begin}\n\n${tablesOf(probed)}\n\n${end}`
  writeFileSync(readme, `${before}${tables}${after}`)
  execFileSync('npx', ['oxfmt', readme, record], { cwd: root })
}
