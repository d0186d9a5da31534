import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { HostError } from '../errors.ts'
import { command } from './command.ts'

/** The oldest clang that compiles the labs' BPF programs. */
export const oldestClang = 15
// 19 is what the machine has; the unversioned one is of unknown age.
const candidates = [
  'clang-19',
  'clang-20',
  'clang-21',
  'clang',
  ...[18, 17, 16, 15].map((n) => `clang-${n}`),
]

/** The full path of a program on PATH or where Debian keeps administrators' programs. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

/**
 * A clang of this host that can compile BPF programs, and the llvm-objdump of the same version.
 * @throws HostError if there is none, or none that is new enough.
 */
export async function findClang(): Promise<{ clang: string; llvmObjdump: string }> {
  let tooOld = ''
  for (const name of candidates) {
    const clang = findProgram(name)
    if (!clang) continue
    const version = /version (\d+)/.exec(await command([clang, '--version']))?.[1] ?? '0'
    if (Number(version) < oldestClang) {
      tooOld = ` (${clang} is version ${version})`
      continue
    }
    const llvmObjdump = findProgram(`llvm-objdump-${version}`) ?? findProgram('llvm-objdump')
    if (llvmObjdump) return { clang, llvmObjdump }
    throw new HostError(`llvm-objdump of ${clang} is missing. Run: npm run vm -- setup`)
  }
  throw new HostError(
    `clang ${oldestClang} or newer is needed${tooOld || ' and there is none'}. Run: npm run vm -- setup`,
  )
}
