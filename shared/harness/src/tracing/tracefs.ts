import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmdirSync } from 'node:fs'
import { writeFileSync } from 'node:fs'
import { BpfError } from '@ebpf-labs/libbpf'
import { isStale, uniqueName } from '../process/owner.ts'
import { codeOf } from '../process/error-code.ts'

/** Where tracefs is mounted (Documentation/trace/ftrace.rst). */
export const tracefs = '/sys/kernel/tracing'

const AS_ROOT = 'Run it as root in the lab’s machine: npx nx start …, or npm run vm -- shell.'

/**
 * Makes a tracing instance that receives what bpf_printk() writes: a buffer and a trace_pipe of its own, so that readers do not take
 * each other's lines. bpf_printk() is a trace event, `bpf_trace:bpf_trace_printk`, since Linux 5.9.
 * @throws BpfError without root or without tracefs
 */
export function makeInstance(): string {
  sweepInstances()
  const path = `${tracefs}/instances/${uniqueName('trace')}`
  try {
    mkdirSync(path)
    writeFileSync(`${path}/events/bpf_trace/bpf_trace_printk/enable`, '1')
    return path
  } catch (error) {
    throw tracingError('make a tracing instance', path, error)
  }
}

/** Removes an instance that nobody reads any more. */
export function removeInstance(path: string): void {
  rmdirSync(path)
}

/** Removes the instances of processes that are gone. */
export function sweepInstances(): void {
  let names: string[]
  try {
    names = readdirSync(`${tracefs}/instances`)
  } catch {
    return // no tracefs or not root: whoever needs it is told
  }
  for (const name of names.filter(isStale)) {
    try {
      rmdirSync(`${tracefs}/instances/${name}`)
    } catch (error) {
      // Another process may sweep at the same time, or a child of the dead one still reads it.
      if (!['ENOENT', 'EBUSY'].includes(codeOf(error) ?? '')) throw error
    }
  }
}

/** Turns a failed access to tracefs into an error that says what to do. */
export function tracingError(operation: string, path: string, cause: unknown): BpfError {
  const code = codeOf(cause)
  const base = { operation, subject: path, cause, errno: errnoOf(cause) }
  if (code === 'EACCES' || code === 'EPERM') return new BpfError({ ...base, hint: AS_ROOT })
  if (code === 'EBUSY') {
    const holders = readersOf(path).map(({ pid, comm }) => `${comm} (pid ${pid})`)
    return new BpfError({
      ...base,
      problem: `it has one reader at a time, and ${holders.join(', ') || 'another process'} reads it`,
      hint: 'End the other reader, or read a private instance, which is the default.',
    })
  }
  if (!existsSync(`${tracefs}/trace_pipe`))
    return new BpfError({
      ...base,
      problem: 'tracefs is not mounted',
      hint: `Mount it: mount -t tracefs tracefs ${tracefs}`,
    })
  return new BpfError(base)
}

/** The processes that hold a file open. */
export function readersOf(path: string): { pid: number; comm: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && holds(name, path))
    .map((pid) => ({ pid: Number(pid), comm: commOf(pid) }))
}

function holds(pid: string, path: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => linkOf(`/proc/${pid}/fd/${fd}`) === path)
  } catch {
    return false // ended meanwhile
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined // closed meanwhile
  }
}

function commOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch {
    return 'a process'
  }
}

function errnoOf(error: unknown): number | undefined {
  return error instanceof Error && 'errno' in error && typeof error.errno === 'number'
    ? error.errno
    : undefined
}
