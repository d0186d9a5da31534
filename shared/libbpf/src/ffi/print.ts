import { isMainThread } from 'node:worker_threads'
import koffi from 'koffi'
import { bindLibc } from './libc.ts'
import { bindLibbpf } from './libbpf.ts'
import type { Pointer } from './library.ts'

/** One message of libbpf, as it would have printed it to stderr. */
export interface LibbpfMessage {
  level: 'warn' | 'info' | 'debug'
  text: string
}

const LEVELS = ['warn', 'info', 'debug'] as const
/** Verifier logs of programs that loaded come as debug messages; they are wanted whenever they were asked for. */
const LOG_BEGINS = '-- BEGIN PROG LOAD LOG --'

const setPrint = bindLibbpf<(fn: Pointer) => Pointer>('void *libbpf_set_print(void *)')
// A va_list is passed as a pointer on x86-64 (array of one struct) and arm64 (struct by reference).
const vasprintf = bindLibc<(out: BigUint64Array, format: bigint, args: bigint) => number>(
  'int vasprintf(void *, const void *, void *)',
)

let callback: bigint | undefined
let messages: LibbpfMessage[] | undefined
let withDebug = false

function registered(): bigint {
  callback ??= koffi.register(print, koffi.pointer(koffi.proto('int', ['int', 'void *', 'void *'])))
  return callback
}

function print(level: number, format: bigint, args: bigint): number {
  const name = LEVELS[level] ?? 'debug'
  if (!messages) return 0
  if (name === 'debug' && !withDebug && !koffi.decode.string(format).includes(LOG_BEGINS)) return 0
  const out = new BigUint64Array(1)
  const length = vasprintf(out, format, args) // once: a va_list cannot be read twice
  const text = out[0]
  if (length < 0 || !text) return 0
  messages.push({ level: name, text: koffi.decode.string(text, length) })
  koffi.free(text)
  return length
}

/**
 * Runs libbpf calls and hands out what libbpf printed meanwhile, instead of letting it write to stderr.
 * Off the main thread nothing is captured: a callback of a worker that has ended would abort the process.
 * @param debug whether to keep debug messages too
 */
export function captured<T>(call: () => T, debug = false): { value: T; messages: LibbpfMessage[] } {
  if (!isMainThread || messages) return { value: call(), messages: messages ?? [] }
  const collected: LibbpfMessage[] = []
  setPrint(registered())
  messages = collected
  withDebug = debug
  try {
    return { value: call(), messages: collected }
  } finally {
    messages = undefined
    setPrint(null) // silent from now on: what libbpf would write to stderr is in the errors
  }
}

/** What libbpf printed, as the cause of an error. */
export function libbpfCause(printed: readonly LibbpfMessage[]): Error | undefined {
  const lines = printed.filter(({ level }) => level !== 'debug').map(({ text }) => text.trimEnd())
  if (lines.length === 0) return undefined
  const cause = new Error(lines.join('\n').replaceAll(/^libbpf: /gm, ''))
  cause.name = 'libbpf'
  cause.stack = `${cause.name}: ${cause.message}` // where in JavaScript says nothing about it
  return cause
}
