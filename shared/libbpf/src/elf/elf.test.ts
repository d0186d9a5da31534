import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { compileBpf } from '../../test/compile.ts'
import { thrown } from '../../test/thrown.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { checkObject } from './check-object.ts'
import { EM_BPF } from './constants.ts'
import { parseElf } from './elf.ts'
import { elfPrograms } from './programs.ts'

const object = new Uint8Array(readFileSync(compileBpf('sections.bpf.c')))

/** The object with some bytes overwritten. */
function damaged(at: number, ...bytes: number[]): Uint8Array {
  const copy = Uint8Array.from(object)
  copy.set(bytes, at)
  return copy
}

/** Where the header of a section is in the file. */
function headerOf(name: string): number {
  const section = parseElf(object).section(name)
  if (!section) throw new Error(`no section ${name}`)
  const table = Number(new DataView(object.buffer).getBigUint64(40, true))
  return table + section.index * 64
}

test('an object that clang made has its sections, symbols and relocations', () => {
  const elf = parseElf(object)
  expect(elf.machine).toBe(EM_BPF)
  expect(elf.section('license')?.data).toEqual(new TextEncoder().encode('Dual BSD/GPL\0'))
  const level = elf.symbols.find(({ name }) => name === 'level')
  expect(elf.sections[level?.section ?? 0]?.name).toBe('.data')
  const code = elf.section('syscall')
  if (!code) throw new Error('no section syscall')
  const targets = elf.relocations(code).map(({ symbol }) => elf.symbols[symbol]?.name)
  expect(targets).toContain('total')
})

test('programs are global functions outside .text, those of optional sections too', () => {
  expect(elfPrograms(parseElf(object)).map(({ name, section }) => [name, section])).toEqual([
    ['first', 'syscall'],
    ['second', 'syscall'],
    ['optional', '?tracepoint/syscalls/sys_enter_execve'],
    ['start', '?struct_ops/cong_init'],
    ['undo', '?struct_ops/cong_undo'],
  ])
})

test('an undamaged object passes', () => {
  expect(() => checkObject(object, 'prog.bpf.o')).not.toThrow()
})

test.each([
  ['text', new TextEncoder().encode('int main() {}'), 'expected 7f 45 4c 46 (an ELF file)'],
  ['nothing', new Uint8Array(), 'got no bytes'],
  ['a cut file', object.slice(0, 5000), 'truncated or damaged'],
  ['32 bits', damaged(4, 1), '64-bit'],
  ['the other byte order', damaged(5, 2), ''],
  ['another machine', damaged(18, 62, 0), 'machine 62'],
  ['an executable', damaged(16, 2, 0), 'type 2'],
  ['a section outside the file', damaged(headerOf('.BTF') + 28, 1), 'section'],
  ['a name outside the names', damaged(headerOf('.data'), 0xff, 0xff, 0xff), 'name of section'],
  ['two symbol tables', damaged(headerOf('.strtab') + 4, 2), 'symbol'],
])('%s is refused with what is wrong', (_, bytes, message) => {
  const error = thrown(BpfError, () => checkObject(bytes, 'prog.bpf.o'))
  expect(error.message).toContain("cannot open object 'prog.bpf.o'")
  expect(error.message).toContain(message)
})

test('an object of the other byte order is refused by its order', () => {
  const other = readFileSync(
    compileBpf('layouts.bpf.c', { suffix: '.be', flags: ['-target', 'bpfeb'] }),
  )
  expect(parseElf(other).littleEndian).toBe(false)
  expect(() => checkObject(other, 'other.bpf.o')).toThrow(
    /this machine's byte order \(little-endian\), got big-endian/,
  )
})

test('a symbol that does not lie within its section is refused by name', () => {
  const table = parseElf(object).section('.symtab')
  const symbol = parseElf(object).symbols.find(({ name }) => name === 'first')
  if (!table || !symbol) throw new Error('no symbol')
  const at = table.offset + symbol.index * 24
  expect(() => checkObject(damaged(at + 16, 0xf8, 0xff), 'x')).toThrow(/\(first\).*to lie within/)
  expect(() => checkObject(damaged(at + 6, 0x00, 0x10), 'x')).toThrow('a section below')
})

test('a relocation past the end of its section is refused', () => {
  const table = parseElf(object).section('.relsyscall')
  if (!table) throw new Error('no relocations')
  expect(() => checkObject(damaged(table.offset + 2, 0xff), 'x')).toThrow('relocation at')
  expect(() => checkObject(damaged(table.offset + 12, 0xff, 0xff), 'x')).toThrow('a symbol below')
})
