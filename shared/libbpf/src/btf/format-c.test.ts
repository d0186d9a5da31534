import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { compileBpf } from '../../test/compile.ts'
import { Btf } from './btf.ts'
import { formatType, formatWithDependencies } from './format-c.ts'

const layouts = Btf.fromElf(readFileSync(compileBpf('layouts.bpf.c')))

test('a struct is written as in its source', () => {
  expect(formatType(layouts, layouts.find('record', 'struct')?.id ?? 0)).toBe(
    'struct record {\n\t__u32 length;\n\t__u16 kind;\n\tchar payload[0];\n};',
  )
  expect(formatType(layouts, layouts.find('bits', 'struct')?.id ?? 0)).toContain('\tlong : 5;\n')
  expect(formatType(layouts, layouts.find('packed', 'struct')?.id ?? 0)).toContain(
    '} __attribute__((packed));',
  )
})

test('typedefs, qualifiers, pointers to functions and arrays nest as C has it', () => {
  const kernel = Btf.kernel()
  const typedef = kernel.find('bpf_func_t', 'typedef')
  expect(formatType(kernel, typedef?.id ?? 0)).toBe(
    'typedef unsigned int (*bpf_func_t)(const void *, const struct bpf_insn *);',
  )
})

test.each(['task_struct', 'sk_buff', 'tcp_sock', 'bpf_prog'])(
  'struct %s with all it needs compiles to the layout the kernel has',
  (name) => {
    const kernel = Btf.kernel()
    const struct = kernel.find(name, 'struct')
    if (!struct) throw new Error(`this kernel has no struct ${name}`)
    const checks = struct.members
      .filter((member) => member.name !== '' && member.bits === 0)
      .map((m) => assertion(`__builtin_offsetof(struct ${name}, ${m.name})`, m.bitOffset / 8))
    const source = [
      formatWithDependencies(kernel, struct.id),
      assertion(`sizeof(struct ${name})`, struct.size),
      ...checks,
    ].join('\n')
    expect(compileErrors(source)).toBe('')
  },
)

test('a typedef that is first used behind a pointer, then by value, has its struct', () => {
  const source = `typedef struct mask { unsigned long bits; } mask_t;
    struct user { mask_t *before; mask_t now; } user;`
  const object = compiled(source)
  const text = formatWithDependencies(object, object.find('user', 'struct')?.id ?? 0)
  expect(text.match(/^typedef struct mask mask_t;$/gm)).toHaveLength(1)
  expect(compileErrors(text)).toBe('')
})

/** The BTF that clang writes for a source. */
function compiled(source: string): Btf {
  const args = ['-target', 'bpf', '-g', '-c', '-x', 'c', '-o', '-', '-']
  return Btf.fromElf(execFileSync('clang-19', args, { input: source }))
}

const assertion = (expression: string, value: number): string =>
  `_Static_assert(${expression} == ${value}, "");`

/** What clang has against a source. */
function compileErrors(source: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'format-c-'))
  try {
    const file = join(folder, 'types.c')
    writeFileSync(file, source)
    const args = ['-target', 'bpf', '-fsyntax-only', '-Wno-everything', file]
    execFileSync('clang-19', args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' })
    return ''
  } catch (error) {
    return String(error)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
