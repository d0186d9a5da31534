import { basename } from 'node:path'
import { readOrEmpty } from '../process/proc.ts'

/**
 * The words that were typed after `npx nx TARGET PROJECT --`. nx hands them on through a shell, leaves those with `=` in them unquoted
 * (`'0=Hey root!'` comes as two words), and keeps some options for itself; so they are read from nx's own command line.
 * @param given what came through, taken where nx cannot be seen: on macOS, or when nothing was typed after `--`
 */
export function typedWords(given: readonly string[], from = process.ppid): readonly string[] {
  for (let pid = from; pid > 1; pid = parentOf(pid)) {
    const argv = readOrEmpty(`/proc/${pid}/cmdline`).split('\0').slice(0, -1)
    const nx = argv.findIndex((word) => basename(word) === 'nx')
    const dashes = argv.indexOf('--')
    if (nx >= 0 && dashes > nx) return argv.slice(dashes + 1)
  }
  return given
}

/** 0 if there is none, or it cannot be told. */
function parentOf(pid: number): number {
  // proc_pid_stat(5): the name in parentheses may hold anything, the parent is the second field behind it.
  const stat = readOrEmpty(`/proc/${pid}/stat`)
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0)
}
