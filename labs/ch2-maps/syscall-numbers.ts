import { existsSync, readFileSync } from 'node:fs'
import { arch } from 'node:process'
import { UsageError } from '@ebpf-labs/harness/loader'

// The kernel's own headers, as the package linux-libc-dev installs them. arm64 shares the generic numbers.
const headers: Partial<Record<NodeJS.Architecture, readonly string[]>> = {
  x64: ['/usr/include/x86_64-linux-gnu/asm/unistd_64.h', '/usr/include/asm/unistd_64.h'],
  arm64: [
    '/usr/include/aarch64-linux-gnu/asm/unistd_64.h',
    '/usr/include/asm/unistd_64.h',
    '/usr/include/asm-generic/unistd.h',
  ],
}

/**
 * The system calls of this machine's architecture, name to number: `execve` is 59 on x86-64 and 221 on arm64.
 * @throws UsageError when the machine has no kernel headers
 */
export function syscallNumbers(): Map<string, number> {
  const candidates = headers[arch] ?? []
  const header = candidates.find((path) => existsSync(path))
  if (header === undefined)
    throw new UsageError(
      `cannot tell the numbers of the system calls of ${arch}: expected one of\n  ${candidates.join('\n  ')}\n` +
        'Install the kernel headers: apt-get install linux-libc-dev',
    )
  return parseNumbers(readFileSync(header, 'utf8'))
}

// Marks in the list, not calls.
const notCalls = new Set(['syscalls', 'arch_specific_syscall'])

/** Reads the lines `#define __NR_name number`; calls that 32-bit machines have in another form are `__NR3264_name`. */
export function parseNumbers(header: string): Map<string, number> {
  const found = new Map<string, number>()
  const defines = header.matchAll(/^#define __NR(?:3264)?_(\w+)[ \t]+(\d+)\b/gm)
  for (const [, name = '', number] of defines)
    if (!notCalls.has(name)) found.set(name, Number(number))
  return found
}

/** @throws UsageError when this architecture has no system call of that name */
export function numberOf(numbers: ReadonlyMap<string, number>, name: string): number {
  const number = numbers.get(name)
  if (number === undefined) throw new UsageError(`${arch} has no system call '${name}'.`)
  return number
}
