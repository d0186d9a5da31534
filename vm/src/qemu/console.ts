import { readFileSync, statSync } from 'node:fs'
import { say } from '../host/step.ts'

/** What the machine wrote on its console so far. */
export function readConsole(file: string): string {
  try {
    return readFileSync(file, 'utf8').replaceAll('\r', '')
  } catch {
    return ''
  }
}

const fatal = /Kernel panic - not syncing|BUG: |Oops: |Unable to handle kernel|general protection/
const endOfPanic = /end Kernel panic|Kernel Offset:|Rebooting in/

/** The lines that tell why the kernel ended, or else the last ones. */
export function consoleTail(file: string, count = 12): string[] {
  const lines = readConsole(file).trimEnd().split('\n').filter(Boolean)
  const first = lines.findIndex((line) => fatal.test(line))
  if (first === -1) return lines.slice(-count)
  const end = lines.findIndex((line, index) => index > first && endOfPanic.test(line))
  const last = end === -1 ? lines.length : end
  return lines.slice(first, Math.min(last, first + 2 * count))
}

const lost = /potential data loss|EXT4-fs error|error, dev nvme/

/** Whether the kernel could not write to its disk, which programs learn seldom: they had ended, or asked for no fsync(2). */
export const lostWrites = (file: string): boolean => lost.test(readConsole(file))

// What the kernel says when it is in trouble but lives on, and the machine's own words (guest/files).
const trouble = /soft lockup|hard LOCKUP|self-detected stall|detected stalls|Out of memory: Killed/
const own = /^ebpf-labs: (?!ready)/

/**
 * Passes on what the console says of trouble while a command runs, until disposed.
 * @param onLoss called when the kernel could not write to its disk: it may try without end
 */
export function watchConsole(file: string, onLoss: () => void = () => {}): Disposable {
  let seen = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  const look = (): void => {
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) <= seen) return
    const all = readFileSync(file)
    const lines = all.subarray(seen).toString().split('\n')
    // The last line may still grow.
    seen = all.length - Buffer.byteLength(lines.pop() ?? '')
    for (const line of lines.map((text) => text.trim())) {
      if (trouble.test(line)) say(`vm: kernel: ${line}`)
      if (own.test(line)) say(`vm: ${line.replace(own, '')}`)
    }
    if (lines.some((line) => lost.test(line))) onLoss()
  }
  const timer = setInterval(look, 500).unref()
  return {
    [Symbol.dispose](): void {
      clearInterval(timer)
      look()
    },
  }
}
