/**
 * Compiles what the tests use: `compileBpf('basic.bpf.c')` for the machine that runs it; everything for the labs'
 * machine when run as a program.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const build = join(here, '..', 'build')
const hostArch = process.arch === 'arm64' ? 'arm64' : 'x86'
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

/** Objects that tests want besides one of each source. */
const VARIANTS: readonly (readonly [source: string, options: CompileOptions])[] = [
  ['registers.bpf.c', { suffix: '-x86', targetArch: 'x86' }],
  ['registers.bpf.c', { suffix: '-arm64', targetArch: 'arm64' }],
  ['basic.bpf.c', { suffix: '-for-x86', targetArch: 'x86', flags: ['-grecord-command-line'] }],
  ['basic.bpf.c', { suffix: '-for-arm64', targetArch: 'arm64', flags: ['-grecord-command-line'] }],
  ['basic.bpf.c', { suffix: '-no-btf', flags: ['-g0'] }],
  ['externs.bpf.c', { suffix: '-kconfig', flags: ['-DKCONFIG'] }],
  ['layouts.bpf.c', { suffix: '.be', flags: ['-target', 'bpfeb'] }],
  ['rejected.bpf.c', { suffix: '.nobtf', flags: ['-g0'] }],
  ['sections.bpf.c', { suffix: '.o1', flags: ['-O1', '-mcpu=v2'] }],
  ['insns.bpf.c', { suffix: '-v3', flags: ['-mcpu=v3'] }],
  ['insns.bpf.c', { suffix: '-v4', flags: ['-mcpu=v4'] }],
  ['basic.bpf.c', { suffix: '-big-endian', flags: ['-target', 'bpfeb'] }],
]

/** Where to compile for. */
interface Target {
  clang: string
  /** Folders with bpf/*.h and vmlinux.h; usdt.bpf.h must be of the libbpf that loads the program. */
  includes: readonly string[]
  output: string
}

/**
 * Compiles `test/bpf/<source>` if needed.
 * @returns path of the `.bpf.o`
 * @throws if clang fails; inside the machine, if it was not compiled before
 */
export function compileBpf(source: string, options: CompileOptions = {}): string {
  if (inMachine) return prepared(objectName(source, options))
  return compileObject(source, options, native())
}

/**
 * Compiles `test/native/<source>` to a shared library that this process can load and probe, where it runs.
 * @returns path of the `.so`
 */
export function compileNative(source: string): string {
  const target = inMachine ? { clang: find('clang-19'), output: tmpdir() } : native()
  const library = join(target.output, source.replace(/\.c$/, '.so'))
  const command = [target.clang, ...'-g -O1 -shared -fPIC'.split(' ')]
  return compile(join(here, 'native', source), library, command)
}

/**
 * Compiles the program in the README.
 * @returns path of the `.bpf.o`
 */
export function compileReadme(): string {
  return inMachine ? prepared('tour.bpf.o') : compileTour(native(), hostArch)
}

function compileTour(target: Target, targetArch: 'x86' | 'arm64'): string {
  const readme = readFileSync(join(here, '..', 'README.md'), 'utf8')
  const [, code] = /^```c\n([\s\S]*?)^```$/m.exec(readme) ?? []
  if (code === undefined) throw new Error('the README has no program in C')
  const source = join(target.output, 'tour.bpf.c')
  mkdirSync(target.output, { recursive: true })
  writeFileSync(source, code)
  return compileObject(source, { targetArch }, target)
}

function prepared(name: string): string {
  const file = join(build, 'test', name)
  if (existsSync(file)) return file
  throw new Error(`${file} is missing: run 'node test/compile.ts' outside the machine first`)
}

function objectName(source: string, { suffix = '' }: CompileOptions): string {
  return source.replace(/\.bpf\.c$/, `${suffix}.bpf.o`)
}

function compileObject(source: string, options: CompileOptions, target: Target): string {
  const arch = options.targetArch ?? hostArch
  const always = '-g -O2 -target bpf -mcpu=v3 -Wall -Werror -c'.split(' ')
  // Where Debian keeps <asm/…>, which usdt.bpf.h wants.
  const machine = `/usr/include/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`
  const output = join(target.output, objectName(basename(source), options))
  return compile(resolve(here, 'bpf', source), output, [
    target.clang,
    ...always,
    `-D__TARGET_ARCH_${arch}`,
    ...target.includes.map((folder) => `-I${folder}`),
    ...['-idirafter', machine],
    ...(options.flags ?? []),
  ])
}

/** Runs a compiler unless the source and the command are those that made `output`. */
function compile(input: string, output: string, [program = '', ...args]: string[]): string {
  const stamp = createHash('sha256')
    .update(readFileSync(input))
    .update([program, ...args].join('\0'))
    .digest('hex')
  const stampFile = `${output}.sha256`
  const made = existsSync(output) && existsSync(stampFile) && readFileSync(stampFile, 'utf8')
  if (made === stamp) return output
  mkdirSync(dirname(output), { recursive: true })
  const partial = `${output}.${process.pid}` // test files run side by side and may want the same object
  execFileSync(program, [...args, input, '-o', partial], { stdio: 'inherit' })
  renameSync(partial, output)
  writeFileSync(stampFile, stamp)
  return output
}

let nativeTarget: Target | undefined

/** This machine with its own clang, libbpf and kernel; LIBBPF_INCLUDE names the headers that belong to LIBBPF_SO. */
function native(): Target {
  if (nativeTarget) return nativeTarget
  const headers = process.env['LIBBPF_INCLUDE']
  const output = join(build, headers === undefined ? 'test-native' : 'test-other-libbpf')
  const header = join(output, 'vmlinux.h')
  if (!existsSync(header)) {
    mkdirSync(output, { recursive: true })
    const dump = 'btf dump file /sys/kernel/btf/vmlinux format c'.split(' ')
    const text = execFileSync(find('bpftool'), dump, { maxBuffer: 64 << 20 })
    writeFileSync(`${header}.${process.pid}`, text)
    renameSync(`${header}.${process.pid}`, header)
  }
  const includes = headers === undefined ? [output] : [output, headers]
  nativeTarget = { clang: find('clang-21', 'clang-20', 'clang-19', 'clang'), includes, output }
  return nativeTarget
}

/** The first of these programs that is installed. */
function find(...names: string[]): string {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin']
  for (const name of names) {
    const folder = folders.find((candidate) => existsSync(join(candidate, name)))
    if (folder !== undefined) return join(folder, name)
  }
  throw new Error(`${names.at(-1)} is not installed`)
}

/** Compiles an example, and makes its skeleton. */
function compileExample(source: string, target: Target, targetArch: 'x86' | 'arm64'): string {
  const object = compileObject(join(here, '..', 'examples', source), { targetArch }, target)
  execFileSync(process.execPath, [join(here, '..', 'bin', 'bpf2ts.ts'), object])
  return object
}

/** Compiles everything for the labs' machine. */
async function compileForMachine(): Promise<string[]> {
  const { bpfToolchain } = await import('../../../vm/src/toolchain.ts')
  const { arch, clang, includes, vmlinuxHeader } = await bpfToolchain()
  const targetArch = arch === 'arm64' ? 'arm64' : 'x86'
  const target = {
    clang,
    includes: [dirname(vmlinuxHeader), ...includes],
    output: join(build, 'test'),
  }
  const objects = globSync('**/*.bpf.c', { cwd: join(here, 'bpf') }).map((source) =>
    compileObject(source, { targetArch }, target),
  )
  const variants = VARIANTS.map(([source, options]) =>
    compileObject(source, { targetArch, ...options }, target),
  )
  const examples = globSync('*.bpf.c', { cwd: join(here, '..', 'examples') }).map((source) =>
    compileExample(source, { ...target, output: join(build, 'examples') }, targetArch),
  )
  return [...examples, ...objects, ...variants, compileTour(target, targetArch)]
}

if (import.meta.main) console.log((await compileForMachine()).join('\n'))
