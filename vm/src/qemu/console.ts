import { readFileSync } from 'node:fs'

/** What the machine wrote on its console so far. */
export function readConsole(file: string): string {
  try {
    return readFileSync(file, 'utf8').replaceAll('\r', '')
  } catch {
    return ''
  }
}

const panic = /Kernel panic - not syncing|BUG: |Oops: |Unable to handle kernel|general protection/
const endOfPanic = /end Kernel panic/

/** The lines that tell why the kernel ended, or else the last ones. */
export function consoleTail(file: string, lines = 12): string[] {
  const all = readConsole(file).trimEnd().split('\n')
  const first = all.findIndex((line) => panic.test(line))
  if (first === -1) return all.slice(-lines)
  const last = all.findIndex((line) => endOfPanic.test(line))
  return all.slice(first, last === -1 ? first + lines : Math.min(last + 1, first + 2 * lines))
}
