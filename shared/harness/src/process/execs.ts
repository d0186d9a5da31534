import { RunningProgram, type RunOptions } from './running-program.ts'

/**
 * Executes a program `count` times, one after the other, and returns the pids. Each makes exactly one execve(2), because the path
 * is absolute; the process that made it is gone when this returns.
 * @throws Error when the program fails
 */
export async function execs(
  count: number,
  argv: readonly [`/${string}`, ...string[]] = ['/bin/true'],
  options: RunOptions = {},
): Promise<number[]> {
  const pids: number[] = []
  for (let n = 0; n < count; n++) {
    const program = await RunningProgram.start(argv, options)
    const { pid, code, stderr } = await program.exit()
    if (code !== 0) throw new Error(`'${argv.join(' ')}' failed with exit code ${code}\n${stderr}`)
    pids.push(pid)
  }
  return pids
}
