import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { libbpfVersion } from '../src/ffi/libbpf.ts'

const source = fileURLToPath(new URL('baseline.c', import.meta.url))

/** The C program that does the same work, on the libbpf that this process has loaded. */
export class Baseline implements Disposable {
  readonly #folder: string
  readonly #program: string
  readonly #objects: readonly string[]

  /**
   * Compiles it.
   *
   * @throws an Error that says what to install if there is no compiler, or no header of libbpf
   */
  constructor(objects: readonly string[]) {
    this.#objects = objects
    this.#folder = mkdtempSync(join(tmpdir(), 'libbpf-bench-'))
    this.#program = join(this.#folder, 'baseline')
    const library = loadedLibbpf()
    const include = headersOf(library)
    const link = [library, `-Wl,-rpath,${dirname(library)}`]
    const flags = ['-O2', '-Wall', ...(include ? [`-I${include}`] : [])]
    const compiler = findCompiler()
    const { status, stderr } = spawnSync(
      compiler,
      [...flags, source, '-o', this.#program, ...link],
      { encoding: 'utf8' },
    )
    if (status === 0) return
    this[Symbol.dispose]()
    throw new Error(
      stderr.includes('bpf/')
        ? `${compiler} does not find libbpf's headers.\nInstall them: apt install libbpf-dev (Fedora: libbpf-devel).\n${stderr}`
        : `${compiler} cannot compile bench/baseline.c:\n${stderr}`,
    )
  }

  /** Operations per second, or milliseconds. */
  run(measure: string): number {
    return Number(execFileSync(this.#program, [...this.#objects, measure], { encoding: 'utf8' }))
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** The file that libbpf was loaded from, here and in LIBBPF_SO. */
export function loadedLibbpf(): string {
  libbpfVersion()
  const line = readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .find((mapping) => /\/libbpf\.so[.\d]*$/.test(mapping))
  const path = line?.slice(line.indexOf('/'))
  if (path === undefined) throw new Error('libbpf is not in /proc/self/maps')
  return path
}

/** The include folder of an installation that is not the system's: beside lib or lib64. */
function headersOf(library: string): string | undefined {
  const folders = [join(dirname(library), '../include'), join(dirname(library), '../../include')]
  return folders.find((folder) => existsSync(join(folder, 'bpf/libbpf.h')))
}

function findCompiler(): string {
  const found = [process.env['CC'], 'cc', 'gcc', 'clang', 'clang-19'].find(
    (name) => name && spawnSync(name, ['--version']).status === 0,
  )
  if (found) return found
  throw new Error(
    'The benchmark compares with C and finds no C compiler.\nInstall one: apt install gcc libbpf-dev, or name it in CC.',
  )
}
