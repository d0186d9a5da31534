/** Compiles the BPF programs that the tests use: `compileBpf('counter.bpf.c')`, or all of them when run. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const sources = join(here, 'bpf')
const output = join(here, '..', 'build', 'test')
const inMachine = process.env['EBPF_LABS_GUEST'] === '1'

/** What an object file is compiled with; part of what decides whether it is up to date. */
export interface CompileOptions {
  /** `__TARGET_ARCH_…`; the machine's own if not given. */
  targetArch?: 'x86' | 'arm64'
  /** Further arguments for clang, for example `-gnone` to leave out BTF. */
  flags?: readonly string[]
  /** Tells apart objects made from one source with different options. */
  suffix?: string
}

/**
 * Compiles `test/bpf/<source>` if needed.
 * @returns path of the `.bpf.o`
 * @throws if clang fails; inside the machine, if it was not compiled before
 */
export function compileBpf(source: string, options: CompileOptions = {}): string {
  const input = join(sources, source)
  const object = join(output, source.replace(/\.bpf\.c$/, `${options.suffix ?? ''}.bpf.o`))
  if (inMachine) {
    if (existsSync(object)) return object
    throw new Error(`${object} is missing: run 'node test/compile.ts' outside the machine first`)
  }
  const args = clangArguments(options)
  const stamp = createHash('sha256')
    .update(readFileSync(input))
    .update(args.join('\0'))
    .digest('hex')
  const stampFile = `${object}.sha256`
  if (existsSync(object) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) {
    return object
  }
  const partial = `${object}.${process.pid}`
  execFileSync(tool('clang'), [...args, '-c', input, '-o', partial], { stdio: 'inherit' })
  renameSync(partial, object) // test files run side by side and may want the same object
  writeFileSync(stampFile, stamp)
  return object
}

function clangArguments(options: CompileOptions): string[] {
  const arch = options.targetArch ?? (process.arch === 'arm64' ? 'arm64' : 'x86')
  const always = '-g -O2 -target bpf -mcpu=v3 -Wall -Werror'.split(' ')
  return [...always, `-D__TARGET_ARCH_${arch}`, `-I${vmlinuxHeader()}`, ...(options.flags ?? [])]
}

/** Folder with a vmlinux.h of the kernel that runs here; CO-RE makes it fit others. */
function vmlinuxHeader(): string {
  mkdirSync(output, { recursive: true })
  const header = join(output, 'vmlinux.h')
  if (!existsSync(header)) {
    const text = execFileSync(
      tool('bpftool'),
      ['btf', 'dump', 'file', '/sys/kernel/btf/vmlinux', 'format', 'c'],
      { maxBuffer: 64 << 20 },
    )
    writeFileSync(`${header}.${process.pid}`, text)
    renameSync(`${header}.${process.pid}`, header)
  }
  return output
}

/** clang as Debian names it, newest first. */
function tool(name: string): string {
  const candidates = name === 'clang' ? ['clang-21', 'clang-20', 'clang-19', 'clang'] : [name]
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin']
  for (const candidate of candidates) {
    for (const folder of folders) {
      if (existsSync(join(folder, candidate))) return join(folder, candidate)
    }
  }
  throw new Error(`${name} is not installed`)
}

if (import.meta.main) {
  for (const source of globSync('*.bpf.c', { cwd: sources })) console.log(compileBpf(source))
}
