import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { compileBpf } from '../../test/compile.ts'
import { importSkeleton, skeletonFile } from '../../test/skeleton.ts'
import { codecOf } from '../codec/codec-for.ts'
import type { Codec } from '../codec/codec.ts'
import { parseElf } from '../elf/elf.ts'
import { generateSkeleton } from './generate.ts'
import { objectLayout } from './layout.ts'

const workspace = fileURLToPath(new URL('../../../..', import.meta.url))
const tool = (name: string): string => join(workspace, 'node_modules/.bin', name)
const sources = ['layouts', 'sections', 'names', 'maps', 'events', 'struct-ops', 'unions'].map(
  (name) => `${name}.bpf.c`,
)

const bytesOf = (source: string): Uint8Array => readFileSync(compileBpf(source))

/** What clang wrote for a global variable of layouts.bpf.c. */
function variable(name: string): { view: DataView; at: number; size: number } {
  const elf = parseElf(bytesOf('layouts.bpf.c'))
  const symbol = elf.symbols.find((candidate) => candidate.name === name)
  const data = elf.sections[symbol?.section ?? 0]?.data
  if (!symbol || !data) throw new Error(`no variable ${name}`)
  const view = new DataView(data.buffer, data.byteOffset, data.length)
  return { view, at: symbol.value, size: symbol.size }
}

const EXPECTED = {
  scalars: {
    u8: 200,
    s8: -100,
    u16: 60_000,
    s16: -30_000,
    u32: 4_000_000_000,
    s32: -2_000_000_000,
    u64: 0xfedc_ba98_7654_3210n,
    s64: -0x7edc_ba98_7654_3210n,
    u128: 2n ** 127n + 5n,
    s128: -5n,
    yes: true,
    no: false,
    letter: 0x78,
    real: 1.5,
    precise: -2.25,
    pointer: 0xffff_8880_0000_0000n,
    alias: 42,
    ns: Number.MAX_SAFE_INTEGER,
    tagged: 0x1_0000_0001,
  },
  enums: {
    tiny: -1,
    mode: 5,
    wide: 0xffff_ffff_0000_0001n,
    far: -0x1_0000_0000n,
    cut: 0x5_0000_0001n,
    unnamed: 1,
  },
  arrays: {
    text: 'héllo',
    short_text: 'five5',
    raw: Uint8Array.of(1, 0, 255, 3),
    levels: Int8Array.of(-1, 0, 1),
    grid: [Uint32Array.of(1, 2, 3), Uint32Array.of(4, 5, 6)],
    totals: BigUint64Array.of(1n, 2n ** 64n - 1n),
    names: ['eth0', 'lo'],
    inners: [
      { port: 80, mac: Uint8Array.of(1, 2, 3, 4, 5, 6) },
      { port: 443, mac: new Uint8Array(6) },
    ],
    modes: [5, 0x7fff_ffff],
    flags: [true, false, true],
    pointers: BigUint64Array.of(1n, 2n),
    reals: Float32Array.of(0.5, -0.5),
  },
  bits: { a: 1, b: 5, c: -3, d: 300_000, e: 0xab_cdef_0123n, f: -2, g: true, h: 5, i: 99 },
  nested: {
    inner: { port: 8080, mac: Uint8Array.of(10, 11, 12, 13, 14, 15) },
    pair: { low: -1, high: -2n },
    x: 7,
    y: 8,
    unnamed: { depth: 3 },
    v4: 0x0100_007f,
    v6: Uint8Array.of(127, 0, 0, 1, 5, ...new Uint8Array(11)),
    high: 127,
    low: 256,
    value: {
      number: 0x63_6261n,
      text: 'abc',
      inner: { port: 0x6261, mac: Uint8Array.of(0x63, 0, 0, 0, 0, 0) },
      bytes: Uint8Array.of(0x61, 0x62, 0x63, 0, 0, 0, 0, 0),
    },
  },
  packed: { tag: 1, value: 0x1122_3344_5566_7788n, tail: 0x9900 },
}

test.each(Object.entries(EXPECTED))(
  'struct %s decodes what clang wrote, and encodes it to the same bytes',
  async (name, expected) => {
    const module = await importSkeleton('layouts.bpf.c')
    const generated: Codec<unknown> = module[name] ?? module[`${name}_`]
    const { view, at, size } = variable(name)
    const fromBtf = codecAtRunTime(name)
    for (const codec of [generated, fromBtf]) {
      expect(codec.size).toBe(size)
      expect(codec.read(view, at)).toEqual(expected)
      const bytes = new DataView(new ArrayBuffer(size))
      new Uint8Array(bytes.buffer).fill(0x55)
      codec.write(bytes, 0, codec.read(view, at))
      const original = new Uint8Array(view.buffer, view.byteOffset + at, size)
      expect(new Uint8Array(bytes.buffer)).toEqual(original)
    }
  },
)

function codecAtRunTime(name: string): Codec<unknown> {
  const { btf, shapes } = objectLayout(bytesOf('layouts.bpf.c'))
  return codecOf(shapes.of(btf.find(name, 'struct')?.id ?? 0))
}

test('decoded objects print, spread, compare and turn into JSON like any other', async () => {
  const { bits_: codec } = await importSkeleton('layouts.bpf.c')
  const { view, at } = variable('bits')
  const value = codec.read(view, at)
  expect({ ...value }).toEqual(EXPECTED.bits)
  expect(Object.keys(value)).toEqual(Object.keys(EXPECTED.bits))
  expect(JSON.stringify({ ...value, e: 0 })).toBe(JSON.stringify({ ...EXPECTED.bits, e: 0 }))
})

test('enums are objects of their values', async () => {
  const { mode, wide, tiny } = await importSkeleton('layouts.bpf.c')
  expect(mode).toEqual({ MODE_OFF: 0, MODE_ON: 5, MODE_TOP: 0x7fff_ffff })
  expect(wide).toEqual({ WIDE_LOW: 1n, WIDE_HIGH: 0xffff_ffff_0000_0001n })
  expect(tiny).toEqual({ TINY_A: -1, TINY_B: 7 })
})

test('a 64-bit enum that clang cut to 32 bits is warned of', () => {
  const { warnings } = generateSkeleton(bytesOf('layouts.bpf.c'), { name: 'x', object: './x.o' })
  expect(warnings).toEqual([expect.stringContaining('enum cut: clang cut its 64-bit values')])
})

test('static and function-local variables are left out, hidden and custom sections are not', () => {
  const { sections } = objectLayout(bytesOf('sections.bpf.c'))
  const names = sections.map(({ key, shape }) => [key, shape.members.map(({ name }) => name)])
  expect(Object.fromEntries(names)).toEqual({
    rodata: ['target_pid', 'filter'],
    rodata_banner: ['banner'],
    data: ['level'],
    data_limits: ['limits'],
    bss: ['total', 'hidden_total'],
    kconfig: ['CONFIG_HZ', 'LINUX_KERNEL_VERSION', 'CONFIG_BPF_SYSCALL'],
  })
})

test.each(sources)('the skeleton of %s is the same on every run', (source) => {
  const options = { name: 'prog', object: './prog.bpf.o' }
  expect(generateSkeleton(bytesOf(source), options)).toEqual(
    generateSkeleton(Uint8Array.from(bytesOf(source)), options),
  )
})

test('skeletons are formatted as the workspace formats', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skeletons-'))
  try {
    cpSync(join(workspace, '.oxfmtrc.json'), join(folder, '.oxfmtrc.json'))
    for (const source of sources) {
      const file = skeletonFile(source)
      cpSync(file, join(folder, basename(file)))
    }
    const output = execFileSync(tool('oxfmt'), ['--check', '.'], { cwd: folder, encoding: 'utf8' })
    expect(output).toContain('All matched files use the correct format')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test(
  'skeletons pass tsc under the workspace’s strict settings, and type what they open',
  {
    timeout: 120_000,
  },
  () => {
    const skeletons = sources.map(skeletonFile)
    const folder = dirname(skeletons[0] ?? '')
    const files = [...skeletons, join(folder, 'usage.skel.ts')]
    writeFileSync(join(folder, 'usage.skel.ts'), USAGE)
    const config = join(folder, 'tsconfig.json')
    const settings = { extends: join(workspace, 'tsconfig.json'), include: [], files }
    writeFileSync(
      config,
      JSON.stringify({ ...settings, compilerOptions: { noUnusedLocals: true } }),
    )
    expect(typeErrors(config)).toEqual([])
  },
)

/** A user of two skeletons; where it says so, tsc must see an error. */
const USAGE = `
import { layouts } from './layouts.skel.ts'
import { sections } from './sections.skel.ts'
import { type address, type rule, unions } from './unions.skel.ts'

using spec = sections.open()
spec.data.rodata.target_pid = 1
spec.data.rodata.filter = { uid: 1, name: 'x' }
// @ts-expect-error a variable holds a copy: changing it in place would be lost
spec.data.rodata.filter.uid = 1
// @ts-expect-error not a number
spec.data.rodata.target_pid = 'one'
// @ts-expect-error no such variable
spec.data.rodata.nosuch = 1
spec.programs.optional.autoload = true
// @ts-expect-error no such program
void spec.programs.nosuch

using object = spec.load()
object.maps.counts.set({ pid: 1, cpu: 2 }, 3n)
const total: bigint | undefined = object.maps.counts.get({ pid: 1, cpu: 2 })
// @ts-expect-error the value is a bigint
object.maps.counts.set({ pid: 1, cpu: 2 }, 3)
// @ts-expect-error the key has a cpu
object.maps.counts.get({ pid: 1 })
for (const [key, count] of object.maps.counts) console.log(key.pid + key.cpu, count + 1n, total)

using other = layouts.open()
const mode: 0 | 5 | 0x7fffffff | (number & {}) = other.data.data.enums.mode
console.log(mode, other.data.data.arrays.names.join())

using choices = unions.open().load()
const { rules, seen, last } = choices.maps
const to = [{ v4: 1 }, { bytes: new Uint8Array(16) }]
rules.set({ v4: 1 }, { port: 1, mark: 2, low: 3, high: 4, to })
rules.set({ v6: new Uint8Array(16) }, { port: 1, half: 2, id: 3n, to })
const read: rule = rules.get({ v4: 1 })!
const addresses: readonly address[] = read.to
rules.set(addresses[0]!, read)
rules.writeBatch([[{ v4: 2 }, read]])
rules.deleteBatch([{ v4: 2 }, { bytes: new Uint8Array(16) }])
seen.push({ v4: 1 })
last.set(0, [{ v4: 1 }])
// @ts-expect-error none of the members
rules.get({})
// @ts-expect-error not the type of v4
seen.push({ v4: 1n })
// @ts-expect-error one of mark and half is missing
rules.set({ v4: 1 }, { port: 1, id: 3n, to })
// @ts-expect-error low goes with high
rules.set({ v4: 1 }, { port: 1, mark: 2, low: 3, to })
`

/** Errors in skeletons; those of other files are not this test's. */
function typeErrors(config: string): string[] {
  try {
    execFileSync(tool('tsc'), ['--noEmit', '-p', config], { encoding: 'utf8', stdio: 'pipe' })
    return []
  } catch (error) {
    const output = error instanceof Error && 'stdout' in error ? String(error.stdout) : ''
    return output.split('\n').filter((line) => line.includes('.skel.ts'))
  }
}

test('types that no map has are written when asked for', () => {
  const { text } = generateSkeleton(bytesOf('layouts.bpf.c'), {
    name: 'layouts',
    object: './layouts.bpf.o',
    types: ['record'],
  })
  expect(text).toContain('export const record: Codec<record> = {')
  expect(text).toContain('payload: restChars.read(view, at + 6, end),')
})

test('a type that the object does not have is an error', () => {
  const options = { name: 'x', object: './x.bpf.o', types: ['nosuch'] }
  expect(() => generateSkeleton(bytesOf('layouts.bpf.c'), options)).toThrow('none of this name')
})

test('a 64-bit member becomes a number on request', () => {
  const { text } = generateSkeleton(bytesOf('layouts.bpf.c'), {
    name: 'layouts',
    object: './layouts.bpf.o',
    numbers: ['scalars.u64'],
  })
  expect(text).toContain('  u64: number\n')
  expect(text).toContain('u64: u64AsNumber.read(view, at + 16),')
})
