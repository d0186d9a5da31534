import { execFile } from 'node:child_process'
import { join, relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { workspace } from './place.ts'

/**
 * Lets the compiler look at a lab's loaders while one of them starts: Node runs them without asking whether their types fit, and an event
 * that lost a member in the `.bpf.c` would be printed as `undefined`. Says nothing if all is well.
 * @returns ends the look when disposed
 */
export function checkTypes(lab: string): Disposable {
  const tsc = join(workspace, 'node_modules', 'typescript', 'bin', 'tsc')
  const cache = join(workspace, 'node_modules', '.cache', 'ebpf-labs', 'start.tsbuildinfo')
  const args = [tsc, '--noEmit', '--pretty', 'false', '--incremental', '--tsBuildInfoFile', cache]
  const child = execFile(process.execPath, args, { cwd: workspace }, (_error, stdout) => {
    const mistakes = mistakesIn(relative(workspace, lab), stdout)
    if (mistakes.length === 0) return
    console.error(
      ['warning: the loaders do not fit their programs any more:', ...mistakes].join('\n  '),
    )
  })
  child.unref()
  return { [Symbol.dispose]: () => void child.kill() }
}

/** The lines of the compiler's output about files of a folder, tests left out. */
export function mistakesIn(folder: string, output: string): string[] {
  return stripVTControlCharacters(output)
    .split('\n')
    .filter((line) => line.startsWith(`${folder}/`) && !/^[^(]*\.test\.ts\(/.test(line))
}
