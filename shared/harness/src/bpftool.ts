import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { codeOf, messageOf } from './process/error-code.ts'

const run = promisify(execFile)

/**
 * Runs bpftool with `--json` and returns what it prints, parsed: `bpftool<ProgramInfo[]>('prog', 'list')`.
 * @throws Error with bpftool's own words
 */
export async function bpftool<T = unknown>(...args: string[]): Promise<T> {
  try {
    const { stdout } = await run('bpftool', ['--json', ...args], { maxBuffer: 256 << 20 })
    const parsed: T = JSON.parse(stdout || 'null')
    return parsed
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT')
      throw new Error('there is no bpftool on PATH: run this in the lab’s machine', { cause })
    const said =
      errorOf(outputOf(cause, 'stdout')) ?? (outputOf(cause, 'stderr').trim() || messageOf(cause))
    throw new Error(`bpftool ${args.join(' ')}: ${said}`, { cause })
  }
}

/** With `--json`, bpftool reports a failure on stdout, as `{"error": "…"}`. */
function errorOf(stdout: string): string | undefined {
  try {
    const parsed: { error?: string } | null = JSON.parse(stdout)
    return parsed?.error
  } catch {
    return undefined
  }
}

/** What a program that failed had written; execFile() puts it on the error. */
function outputOf(error: unknown, stream: 'stdout' | 'stderr'): string {
  const output: unknown = error instanceof Error ? Reflect.get(error, stream) : ''
  return typeof output === 'string' ? output : ''
}
