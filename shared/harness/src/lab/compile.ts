import { execFile } from 'node:child_process'
import { globSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { toolchain } from './toolchain.ts'
import { workspace } from './place.ts'
import { messageOf } from '../process/error-code.ts'

/** A `.bpf.c` that did not compile, with what the compiler said. */
export interface CompileFailure {
  /** Relative to the package. */
  source: string
  message: string
}

interface Compiler {
  command: string
  args: string[]
}

const bpf2ts = join(workspace, 'shared', 'libbpf', 'bin', 'bpf2ts.ts')
/** Headers that programs and libbpf's headers want, and that a host may lack. */
const headers = join(workspace, 'shared', 'harness', 'include')
const skipped = ['**/node_modules/**', 'build/**']

/**
 * Compiles every `.bpf.c` of a package to `build/<path>.bpf.o` and generates `build/<path>.skel.ts` from its BTF; removes what is in
 * `build/` from sources that are gone.
 * @param folder the package
 * @throws HostError if clang is missing or too old
 */
export async function compilePackage(
  folder: string,
): Promise<{ sources: string[]; failures: CompileFailure[] }> {
  const sources = globSync('**/*.bpf.c', { cwd: folder, exclude: skipped }).toSorted()
  removeStale(folder, sources)
  if (sources.length === 0) return { sources, failures: [] }
  const compiler = await compilerFor()
  const failures: CompileFailure[] = []
  const queue = [...sources]
  const work = async () => {
    for (let source = queue.shift(); source !== undefined; source = queue.shift()) {
      const message = await compileOne(folder, source, compiler)
      if (message !== undefined) failures.push({ source, message })
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  return { sources, failures }
}

async function compilerFor(): Promise<Compiler> {
  const { clang, arch, includes, vmlinuxHeader } = await toolchain()
  const folders = [...includes, dirname(vmlinuxHeader), headers]
  const targetArch = `-D__TARGET_ARCH_${arch === 'arm64' ? 'arm64' : 'x86'}`
  return {
    command: clang,
    args: [
      ...['-target', 'bpf', '-g', '-O2', '-mcpu=v3', '-Wall'],
      // Linux 7 has structs inside of others as Microsoft's compiler allows them, and so has its vmlinux.h.
      ...['-fms-extensions', '-Wno-microsoft-anon-tag'],
      targetArch,
      // Written into the debug information, as -grecord-command-line would do with all of them: the library refuses an object that
      // was made for another architecture.
      ...['-Xclang', '-dwarf-debug-flags', '-Xclang', targetArch],
      ...folders.flatMap((path) => ['-I', path]),
      // The same object wherever the workspace lies, and sources that are found from its root, also in the machine.
      `-ffile-prefix-map=${workspace}=.`,
      colours() ? '-fcolor-diagnostics' : '-fno-color-diagnostics',
    ],
  }
}

/** Returns the compiler's message when it fails, and nothing when all is made. Warnings are shown. */
async function compileOne(folder: string, source: string, compiler: Compiler) {
  const base = join(folder, 'build', source.replace(/\.bpf\.c$/, ''))
  const partial = `${base}.${process.pid}.o`
  const skeleton = `${base}.${process.pid}.ts`
  mkdirSync(dirname(base), { recursive: true })
  try {
    // Named from the root of the workspace, where the user stands: an editor's terminal makes it a link.
    const input = relative(workspace, join(folder, source))
    const args = [...compiler.args, '-c', input, '-o', partial]
    const warnings = await run(compiler.command, args, workspace)
    if (warnings) console.error(warnings)
    renameSync(partial, `${base}.bpf.o`)
    await run(process.execPath, [bpf2ts, `${base}.bpf.o`, '-o', skeleton], workspace)
    renameSync(skeleton, `${base}.skel.ts`)
    return undefined
  } catch (error) {
    return messageOf(error)
  } finally {
    rmSync(partial, { force: true })
    rmSync(skeleton, { force: true })
  }
}

/** Runs a program and returns its stderr; a failure's message is that, too. */
function run(command: string, args: string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd, maxBuffer: 16 << 20 }, (error, _stdout, stderr) => {
      if (!error) resolve(stderr.trimEnd())
      else reject(new Error(stderr.trimEnd() || error.message, { cause: error }))
    })
  })
}

/** A skeleton tells that its object was made here; other objects in `build/` are somebody else's. */
function removeStale(folder: string, sources: readonly string[]): void {
  const kept = new Set(sources.map((source) => source.replace(/\.bpf\.c$/, '')))
  const build = join(folder, 'build')
  for (const skeleton of globSync('**/*.skel.ts', { cwd: build })) {
    const base = skeleton.replace(/\.skel\.ts$/, '')
    if (kept.has(base)) continue
    rmSync(join(build, skeleton))
    rmSync(join(build, `${base}.bpf.o`), { force: true })
  }
}

/** nx runs the commands with a pipe, and says by FORCE_COLOR that a terminal is behind it. */
function colours(): boolean {
  if (process.env['NO_COLOR']) return false
  const { FORCE_COLOR: forced } = process.env
  return forced === undefined ? process.stderr.isTTY : !['0', 'false'].includes(forced)
}
