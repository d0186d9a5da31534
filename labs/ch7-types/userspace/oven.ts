import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('oven.c', import.meta.url))
const program = fileURLToPath(new URL('../build/userspace/oven', import.meta.url))

/**
 * Compiles oven.c, if it was changed since.
 * @returns path of the program
 */
export function compileOven(): string {
  const { mtimeMs: made } = statSync(program, { throwIfNoEntry: false }) ?? { mtimeMs: 0 }
  if (made > statSync(source).mtimeMs) return program
  mkdirSync(dirname(program), { recursive: true })
  // Not position-independent: before Linux 5.15, libbpf can tell the probes of others apart only by their address.
  const beside = `${program}.${process.pid}` // whoever is interrupted leaves no half of a program
  execFileSync('clang-19', ['-O1', '-no-pie', '-o', beside, source])
  renameSync(beside, program)
  return program
}
