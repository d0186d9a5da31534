import { once } from 'node:events'
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
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

/**
 * Calls execve(2) from a second thread of this process, where the id of the thread is not that of the process. There shall be no such file, so that
 * the call fails, after whatever is attached to it has run.
 */
export async function execFromThread(path: `/${string}`): Promise<void> {
  const koffi = createRequire(import.meta.resolve('@ebpf-labs/libbpf')).resolve('koffi')
  const thread = new Worker(
    `const { workerData } = require('node:worker_threads')
    const libc = require(workerData.koffi).load('libc.so.6')
    libc.func('int execve(const char *path, void *argv, void *envp)')(workerData.path, null, null)`,
    { eval: true, workerData: { koffi, path } },
  )
  await once(thread, 'exit')
}
