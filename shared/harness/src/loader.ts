import { basename } from 'node:path'
import { parseArgs, styleText } from 'node:util'
import { BpfError } from '@ebpf-labs/libbpf'
import { messageOf } from './process/error-code.ts'
import { ChangedRows, LiveTable, type TableRow } from './live-table.ts'

export type { TableRow }

/** An option of a loader: `string` options take a value, `boolean` ones do not. */
export interface LoaderOption {
  type: 'string' | 'boolean'
  /** One line for `--help`. */
  help: string
  /** How the value is called in `--help`; `N` by default. */
  value?: string
  default?: string | boolean
}

type Options = Record<string, LoaderOption>

type Value<O extends LoaderOption> = O['type'] extends 'boolean'
  ? boolean
  : O extends { default: string }
    ? string
    : string | undefined

/** What a loader's `main` gets. */
export interface LoaderContext<O extends Options> {
  /** Aborted by Ctrl-C or SIGTERM, and after `--count` lines. */
  signal: AbortSignal
  options: { [name in keyof O]: Value<O[name]> }
  /** Words after the options. */
  words: string[]
  /** Whether `--json` was given. */
  json: boolean
  /** Prints one event: `text` for people, or `record` as one line of JSON; ends the run when `--count` are out. */
  event(text: string, record: Record<string, unknown>): void
  /**
   * Shows a table that was shown before: on a terminal over its last version, otherwise as one {@link event} for each row that is
   * new or says something else than the last time.
   */
  table(rows: readonly TableRow[]): void
  /** Prints a line about the run itself, such as how to stop. Goes to stderr, so that a pipe gets the events alone. */
  say(text: string): void
}

/** A mistake of the person at the keyboard: shown as its message alone, without a stack. */
export class UsageError extends Error {
  override name = 'UsageError'
}

const common: Options = {
  count: { type: 'string', help: 'stop after N events' },
  json: { type: 'boolean', help: 'one JSON object per line' },
  help: { type: 'boolean', help: 'show this' },
}

/**
 * Runs a lab's loader: parses `--count`, `--json`, `--help` and the loader's own options, turns Ctrl-C into an abort, and shows
 * errors as messages. Sets the exit code: 0 when `main` ends by itself or by Ctrl-C, 1 on a failure, 2 on bad usage.
 */
export async function loader<const O extends Options = Options>(
  about: string,
  own: O,
  main: (context: LoaderContext<O>) => Promise<void> | void,
): Promise<void> {
  const all: Options = { ...own, ...common }
  const stop = new AbortController()
  const onSignal = () => stop.abort()
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  // `| head` closes the pipe: that ends the run like Ctrl-C does.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    stop.abort()
  })
  // Node would add how to trace it, which is not for learners.
  process
    .removeAllListeners('warning')
    .on('warning', ({ message }) => shout('yellow', 'warning:', message))
  try {
    const { values, positionals } = parse(all)
    if (values['help'] === true) {
      console.log(helpText(about, all))
      return
    }
    const limit = countOf(values['count'])
    const json = values['json'] === true
    let printed = 0
    const event = (text: string, record: Record<string, unknown>) => {
      if (printed >= limit) return
      console.log(json ? toJson(record) : text)
      if (++printed >= limit) stop.abort()
    }
    await main({
      signal: stop.signal,
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- parse() was given exactly these options
      options: values as LoaderContext<O>['options'],
      words: positionals,
      json,
      event,
      table: tableOf(event, json || limit !== Infinity),
      say: (text) => console.error(text),
    })
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError' && stop.signal.aborted) return
    show(error)
    process.exitCode = error instanceof UsageError ? 2 : 1
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}

/** A terminal shows the table in place, unless its rows are wanted one by one: as JSON, or a number of them. */
function tableOf(
  event: LoaderContext<Options>['event'],
  oneByOne: boolean,
): LoaderContext<Options>['table'] {
  if (process.stdout.isTTY && !oneByOne) {
    const table = new LiveTable(process.stdout)
    return (rows) => table.draw(rows)
  }
  const changed = new ChangedRows()
  return (rows) => changed.of(rows).forEach(({ text, record }) => event(text, record))
}

function parse(all: Options) {
  const options = Object.fromEntries(
    Object.entries(all).map(([name, { type, default: value }]) => [
      name,
      value === undefined ? { type } : { type, default: value },
    ]),
  )
  try {
    return parseArgs({ options, allowPositionals: true })
  } catch (error) {
    throw new UsageError(`${messageOf(error)}\nSee --help.`, { cause: error })
  }
}

function countOf(text: unknown): number {
  if (text === undefined) return Infinity
  const count = Number(text)
  if (!Number.isSafeInteger(count) || count < 1)
    throw new UsageError(`--count takes a whole number from 1 on, and got ${JSON.stringify(text)}.`)
  return count
}

function helpText(about: string, all: Options): string {
  const name = basename(process.argv[1] ?? 'loader', '.ts')
  const rows = Object.entries(all).map(
    ([option, { type, value, help }]) =>
      `  ${`--${option}${type === 'string' ? ` ${value ?? 'N'}` : ''}`.padEnd(20)} ${help}`,
  )
  return [`${name}: ${about}`, '', 'Options:', ...rows].join('\n')
}

/** JSON has no 64-bit integers: those that a double cannot hold become strings. */
function toJson(record: Record<string, unknown>): string {
  return JSON.stringify(record, (_key, value: unknown) => {
    if (typeof value !== 'bigint') return value
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value.toString()
  })
}

function show(error: unknown): void {
  const expected = error instanceof BpfError || error instanceof UsageError
  shout('red', 'error:', expected ? error.message : messageWithStack(error))
}

const messageWithStack = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)

function shout(colour: 'red' | 'yellow', head: string, text: string): void {
  console.error(`${process.stderr.hasColors?.() ? styleText(colour, head) : head} ${text}`)
}
