import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { compileBpf } from '../../test/compile.ts'
import { thrown } from '../../test/thrown.ts'
import { parseElf } from '../elf/elf.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { BpfObject } from '../object/bpf-object.ts'
import { Btf } from './btf.ts'
import { parseBtfExt } from './ext.ts'
import { alignOf, sizeOf } from './layout.ts'
import { mapDefinitions } from './map-definitions.ts'
import { checkTypes } from './validate.ts'

const layoutsFile = new Uint8Array(readFileSync(compileBpf('layouts.bpf.c')))
const layouts = Btf.fromElf(layoutsFile)
const sections = Btf.fromElf(readFileSync(compileBpf('sections.bpf.c')))

test('a struct is found by name and kind, with its members and their offsets', () => {
  const nested = layouts.find('nested', 'struct')
  expect(nested?.size).toBe(64)
  expect(nested?.members.map(({ name, bitOffset }) => [name, bitOffset / 8])).toEqual([
    ['inner', 0],
    ['pair', 8],
    ['', 24],
    ['unnamed', 32],
    ['', 36],
    ['value', 56],
  ])
  expect(layouts.find('nested', 'union')).toBeUndefined()
  expect(layouts.find('nosuch')).toBeUndefined()
})

test('bitfields have their width and place', () => {
  const members = layouts.find('bits', 'struct')?.members.map((m) => [m.name, m.bitOffset, m.bits])
  expect(members?.slice(0, 5)).toEqual([
    ['a', 0, 1],
    ['b', 1, 3],
    ['c', 4, 4],
    ['d', 13, 19],
    ['e', 64, 40],
  ])
})

test('enums keep signs and 64 bits', () => {
  expect(layouts.find('tiny', 'enum')?.values).toEqual([
    { name: 'TINY_A', value: -1n },
    { name: 'TINY_B', value: 7n },
  ])
  expect(layouts.find('wide', 'enum64')?.values[1]?.value).toBe(0xffff_ffff_0000_0001n)
  expect(layouts.find('far', 'enum64')?.values[0]?.value).toBe(-0x1_0000_0000n)
})

test('sizes and alignments follow typedefs and arrays', () => {
  const idOf = (name: string): number => layouts.find(name)?.id ?? 0
  expect(sizeOf(layouts, idOf('aliased_t'))).toBe(4)
  expect(sizeOf(layouts, idOf('pair'))).toBe(16)
  expect(alignOf(layouts, idOf('pair'))).toBe(8)
  expect(alignOf(layouts, idOf('packed'))).toBe(1)
})

test('maps are read from their definitions', () => {
  const [counts] = mapDefinitions(sections)
  expect(counts).toMatchObject({ name: 'counts', type: 1, keySize: 8, valueSize: 8, maxEntries: 8 })
})

test('the same types are read from an object of the other byte order', () => {
  const flags = ['-target', 'bpfeb']
  const other = Btf.fromElf(readFileSync(compileBpf('layouts.bpf.c', { suffix: '.be', flags })))
  expect(other.littleEndian).toBe(false)
  const nested = other.find('nested', 'struct')
  expect(nested?.members.map(({ bitOffset }) => bitOffset)).toEqual(
    layouts.find('nested', 'struct')?.members.map(({ bitOffset }) => bitOffset),
  )
})

test('the running kernel’s BTF has task_struct with its pid', () => {
  const kernel = Btf.kernel()
  const task = kernel.find('task_struct', 'struct')
  const pid = task?.members.find(({ name }) => name === 'pid')
  expect(kernel.type(pid?.type ?? 0)).toMatchObject({ kind: 'typedef', name: 'pid_t' })
  expect(kernel.find('bpf_prog_load', 'func') ?? kernel.find('__sys_bpf', 'func')).toBeDefined()
})

test('BTF that an object loaded can be read back by its id', () => {
  using spec = BpfObject.open(compileBpf('basic.bpf.c'))
  using object = spec.load()
  const program = object.program('on_getpgid')
  const { btfId } = program.info()
  const btf = Btf.byId(btfId)
  expect(btf.find('on_getpgid', 'func')).toBeDefined()
})

test('BTF of an id that does not exist, of a module that is not loaded, of no object: each says so', () => {
  expect(() => Btf.byId(0x7fff_ffff)).toThrow('there is no BTF with this id')
  expect(() => Btf.module('nosuchmodule')).toThrow('modprobe nosuchmodule')
  const bare = readFileSync(compileBpf('rejected.bpf.c', { suffix: '.nobtf', flags: ['-g0'] }))
  expect(() => Btf.fromElf(bare)).toThrow('compile with -g')
})

test('function, line and CO-RE records name what they belong to', () => {
  const bytes = readFileSync(compileBpf('basic.bpf.c'))
  const btf = Btf.fromElf(bytes)
  const ext = parseBtfExt(parseElf(bytes).section('.BTF.ext')?.data ?? new Uint8Array(), btf)
  expect(ext.functions.map(({ type }) => btf.type(type).name)).toContain('on_getpgid')
  expect(ext.lines.some(({ text }) => text.includes('if (!is_target())'))).toBe(true)
  const relocation = ext.relocations.find(({ section }) => section.startsWith('tracepoint/'))
  expect(btf.type(relocation?.type ?? 0).name).toBe('trace_event_raw_sys_enter')
  expect(relocation).toMatchObject({ kind: 'field_byte_offset' })
  expect(relocation?.access.startsWith('0:')).toBe(true)
})

/** Raw BTF of the given types, three words each and more; strings are "", "a". */
function rawBtf(...words: number[]): Uint8Array {
  const strings = [0, 0x61, 0, 0]
  const header = [0x0001_eb9f, 24, 0, words.length * 4, words.length * 4, strings.length]
  const bytes = new Uint8Array(24 + words.length * 4 + strings.length)
  new Uint32Array(bytes.buffer, 0, 6 + words.length).set([...header, ...words])
  bytes.set(strings, 24 + words.length * 4)
  return bytes
}

const [PTR, STRUCT, TYPEDEF, CONST] = [2 << 24, (4 << 24) | 1, 8 << 24, 10 << 24]

test.each([
  ['a type id that does not exist', rawBtf(0, PTR, 9), 'a type id below 2, got 9'],
  ['a name outside the strings', rawBtf(77, PTR, 0), 'an offset below 4, got 77'],
  ['a typedef of itself', rawBtf(1, TYPEDEF, 1), 'contains itself'],
  ['a struct that contains itself', rawBtf(1, STRUCT, 8, 0, 1, 0), 'contains itself'],
  ['pointers to each other', rawBtf(0, PTR, 2, 0, CONST, 1), 'refers to itself'],
  [
    'a member outside its struct',
    rawBtf(1, STRUCT, 4, 1, 2, 64, 0, PTR, 0),
    'to lie within 4 bytes',
  ],
])('%s is refused', (_, bytes, message) => {
  const error = thrown(BpfError, () => checkTypes(Btf.parse(bytes)))
  expect(error.message).toContain(message)
})

test('split BTF continues the ids and strings of its base', () => {
  const base = Btf.parse(rawBtf(1, STRUCT, 8, 0, 2, 0, 0, PTR, 1))
  const module = Btf.parse(rawBtf(base.stringsLength + 1, TYPEDEF, 1, 1, CONST, 3), { base })
  expect(module.firstId).toBe(3)
  expect(module.type(3)).toEqual({ kind: 'typedef', id: 3, name: 'a', type: 1 })
  expect(module.type(1)).toMatchObject({ kind: 'struct', name: 'a', size: 8 })
  expect(module.find('a', 'typedef')?.id).toBe(3)
  expect(module.find('a', 'struct')?.id).toBe(1)
  expect(module.findAll('a').map(({ id }) => id)).toEqual([1, 3])
  expect(sizeOf(module, 4)).toBe(8)
})

test.each([
  ['an unknown kind', rawBtf(0, 31 << 24, 0), 'a kind from 1 to 19, got 31'],
  ['a type that is cut off', rawBtf(1, STRUCT, 8), 'whole types'],
  ['other bytes', Uint8Array.of(1, 2, 3, 4), '0xeb9f'],
  ['a header alone', rawBtf().subarray(0, 20), 'truncated'],
])('%s is no BTF', (_, bytes, message) => {
  expect(() => Btf.parse(bytes)).toThrow(message)
})
