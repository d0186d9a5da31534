import { styleText } from 'node:util'
import type { TimelineEntry } from '@ebpf-labs/harness/timeline'
import { formatAttributes } from './attributes.ts'
import { type Group, group } from './group.ts'
import { wrap } from './wrap.ts'

/** What to show of a timeline. */
export interface FormatOptions {
  /** Calls that only try what the kernel can do. */
  probes: boolean
  /** Calls that repeat, each time. */
  all: boolean
}

const INDENT = ' '.repeat(6)

/** A timeline for people: one paragraph for each call, at most 80 columns wide. */
export function formatTimeline(
  entries: readonly TimelineEntry[],
  options: FormatOptions,
): string[] {
  let pid: number | undefined
  return group(entries, options).flatMap((item) => {
    const head = item.entries[0]!
    const change = pid !== undefined && head.pid !== pid ? [bold(`--- process ${head.pid}`)] : []
    pid = head.pid
    return [...change, ...formatGroup(item)]
  })
}

/** One line about all of it. */
export function summary(entries: readonly TimelineEntry[], how: string): string {
  const calls = entries.filter(({ call }) => call === 'bpf')
  const probes = calls.filter(({ probe }) => probe).length
  const made = (command: string) =>
    calls.filter((entry) => entry.command === command && !entry.probe && entry.errno === undefined)
      .length
  if (calls.length === 0) return `It made no bpf() call (${how}).`
  const parts = [
    count(calls.length, 'bpf() call'),
    ...(probes > 0 ? [`${probes} of them only tries`] : []),
    `${count(made('BPF_MAP_CREATE'), 'map')} and ${count(made('BPF_PROG_LOAD'), 'program')} made`,
  ]
  return `${parts.join(', ')} (${how}).`
}

function formatGroup({ kind, entries, times }: Group): string[] {
  if (kind === 'probes') return formatProbes(entries)
  const lines = entries.flatMap(formatEntry)
  if (times === 1) return lines
  const these = entries.length === 1 ? 'this call' : `these ${entries.length} calls`
  return [...lines, `${INDENT}... ${these} ${times - 1} times more (--all shows them)`]
}

/** What libbpf tries is no work of the loader's: one line. */
function formatProbes(entries: readonly TimelineEntry[]): string[] {
  const byCommand = Map.groupBy(entries, ({ command }) => command)
  const what = [...byCommand].map(([command, calls]) => `${calls.length} ${command}`).join(', ')
  const [first] = entries
  return [
    `${number(first)} ${dim(`tries what the kernel can do (--probes shows it)`)}`,
    ...wrap(`${INDENT}${what}`).map(dim),
  ]
}

function formatEntry(entry: TimelineEntry): string[] {
  const { call, command, object, uses, meaning } = entry
  const name = call === 'bpf' || command === call ? command : `${call}(${command})`
  const made = object === undefined ? '' : `  ${object}`
  const used = uses.length === 0 ? [] : wrap(`${INDENT}used by ${uses.join(', ')}`)
  return [
    `${number(entry)} ${bold(name)} = ${formatResult(entry)}${made}`,
    ...wrap(`${INDENT}${meaning}`),
    ...wrap(formatAttributes(entry).join(' '), INDENT).map(dim),
    ...used.map(dim),
  ]
}

function formatResult({ result, errno }: TimelineEntry): string {
  if (errno !== undefined) return styleText('red', `-1 ${errno}`)
  return result > 0xffff_ffff ? `0x${result.toString(16)}` : String(result) // an address
}

const number = (entry: TimelineEntry | undefined) => String(entry?.index ?? '').padStart(5)
const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`
const bold = (text: string) => styleText('bold', text)
const dim = (text: string) => styleText('dim', text)
