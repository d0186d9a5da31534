import { spawnSync } from 'node:child_process'
import { UsageError } from '@ebpf-labs/harness/loader'

const TRIPLES: Partial<Record<NodeJS.Architecture, readonly string[]>> = {
  x64: ['--triple=x86_64', '--output-asm-variant=1'], // 1: Intel's notation
  arm64: ['--triple=aarch64'],
}

/**
 * This machine's own instructions as text, one a line, by LLVM's llvm-mc(1): Debian's bpftool cannot do it.
 * @throws UsageError where LLVM is not installed
 */
export function disassembleMachineCode(code: Uint8Array): string[] {
  if (code.length === 0) return []
  const input = [...code].map((byte) => `0x${byte.toString(16)}`).join(' ')
  const args = ['--disassemble', ...(TRIPLES[process.arch] ?? [])]
  const { error, status, stdout, stderr } = spawnSync('llvm-mc', args, { input, encoding: 'utf8' })
  if (error)
    throw new UsageError(
      `cannot run llvm-mc, which disassembles machine code: ${error.message}\nIt comes with LLVM: apt install llvm`,
    )
  if (status !== 0) throw new Error(`llvm-mc failed: ${stderr.trim()}`)
  return stdout
    .split('\n')
    .map((line) => line.trim().replaceAll(/\s+/g, ' '))
    .filter((line) => line !== '' && line !== '.text')
}
