import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { BpfError } from '@ebpf-labs/libbpf'

/** Bits of `CapEff` in /proc/PID/status (linux/capability.h). */
const BITS: Record<string, bigint> = { CAP_SYS_ADMIN: 1n << 21n, CAP_PERFMON: 1n << 38n }

/** Whether this process has a capability, or CAP_SYS_ADMIN, which stands for all that were split off from it. */
export function hasCapability(name: string): boolean {
  const status = readFileSync('/proc/self/status', 'utf8')
  const mask = BigInt(`0x${/^CapEff:\s*(\w+)$/m.exec(status)?.[1] ?? '0'}`)
  return [name, 'CAP_SYS_ADMIN'].some((known) => (mask & (BITS[known] ?? 0n)) !== 0n)
}

/**
 * Runs this very command again in a process that lacks a capability, with other words but the same options, and ends like that one.
 * @throws BpfError when there is no setpriv(1)
 */
export function runWithout(name: string, words: readonly string[]): void {
  const dropped = [name, 'CAP_SYS_ADMIN'].map((known) => known.replace('CAP_', '-').toLowerCase())
  const [script = '', ...args] = process.argv.slice(1)
  const command = [process.execPath, script, ...words, ...args.filter((arg) => arg.startsWith('-'))]
  const { error, status } = spawnSync(
    'setpriv',
    ['--bounding-set', dropped.join(), '--inh-caps', dropped.join(), ...command],
    { stdio: 'inherit' },
  )
  if (error) {
    throw new BpfError({
      operation: 'drop the capability',
      subject: name,
      problem: error.message,
      hint: 'setpriv(1) does it; Debian has it in the package util-linux.',
    })
  }
  process.exitCode = status ?? 1
}
