import { HostError } from '../errors.ts'
import { command } from './command.ts'
import { findProgram } from './programs.ts'

/** The oldest clang that compiles the labs' BPF programs. */
export const oldestClang = 15
// 19 is what the machine has; the unversioned one is of unknown age.
const versions = [19, 20, 21, 22, 18, 17, 16, 15]
const candidates = ['clang-19', 'clang', ...versions.map((version) => `clang-${version}`)]

export interface Clang {
  readonly clang: string
  readonly llvmObjdump: string
  /** The first line of `clang --version`. */
  readonly clangVersion: string
}

/**
 * A clang of this host that can compile BPF programs, and the llvm-objdump of the same version.
 * @throws HostError if there is none, or none that is new enough.
 */
export async function findClang(): Promise<Clang> {
  let tooOld = ''
  for (const name of candidates) {
    const clang = findProgram(name)
    if (!clang) continue
    const clangVersion = (await command([clang, '--version'])).split('\n')[0] ?? ''
    const major = /version (\d+)/.exec(clangVersion)?.[1] ?? '0'
    if (Number(major) < oldestClang) {
      tooOld ||= ` (${clang} is version ${major})`
      continue
    }
    const llvmObjdump = findProgram(`llvm-objdump-${major}`) ?? findProgram('llvm-objdump')
    if (llvmObjdump) return { clang, llvmObjdump, clangVersion }
    throw new HostError(`${clang} is there, llvm-objdump is not. Run: npm run vm -- setup`)
  }
  throw new HostError(
    `clang ${oldestClang} or newer is needed${tooOld || ' and there is none'}. ` +
      'Run: npm run vm -- setup',
  )
}
