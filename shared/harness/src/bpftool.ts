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
    return JSON.parse(stdout || 'null') as T
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT')
      throw new Error('there is no bpftool on PATH: run this in the lab’s machine', { cause })
    const { stdout, stderr } = cause as { stdout?: string; stderr?: string }
    const said = errorOf(stdout ?? '') ?? (stderr?.trim() || messageOf(cause))
    throw new Error(`bpftool ${args.join(' ')}: ${said}`, { cause })
  }
}

/** With `--json`, bpftool reports a failure on stdout, as `{"error": "…"}`. */
function errorOf(stdout: string): string | undefined {
  try {
    return (JSON.parse(stdout) as { error?: string }).error
  } catch {
    return undefined
  }
}
