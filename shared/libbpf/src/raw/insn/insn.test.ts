import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { compileBpf } from '../../../test/compile.ts'
import { thrown } from '../../../test/thrown.ts'
import { parseElf } from '../../elf/elf.ts'
import { BpfError } from '../../errors/bpf-error.ts'
import { BpfObject } from '../../object/bpf-object.ts'
import { xlated } from '../xlated.ts'
import { assemble, assembleInsns } from './assemble.ts'
import { disassemble } from './disassemble.ts'
import { helperId, helperName } from './helper-names.ts'
import { decodeInsns, encodeInsns } from './insn.ts'

/** Text and encoding of each kind of instruction (RFC 9669, section 5 and Appendix A). */
const ENCODINGS: readonly (readonly [text: string, bytes: string])[] = [
  ['r1 = 5', 'b701000005000000'],
  ['w1 = -1', 'b4010000ffffffff'],
  ['r1 += r2', '0f21000000000000'],
  ['w3 s>>= 4', 'c403000004000000'],
  ['r2 = -r2', '8702000000000000'],
  ['r1 s/= r2', '3f21010000000000'],
  ['w1 s%= 3', '9401010003000000'],
  ['r1 = (s8)r2', 'bf21080000000000'],
  ['w1 = (s16)w2', 'bc21100000000000'],
  ['r1 = be16 r1', 'dc01000010000000'],
  ['r1 = le64 r1', 'd401000040000000'],
  ['r1 = bswap32 r1', 'd701000020000000'],
  ['r1 = addr_space_cast(r2, 0, 1)', 'bf21010001000000'],
  ['r1 = *(u32 *)(r2 +4)', '6121040000000000'],
  ['r1 = *(s16 *)(r2 -4)', '8921fcff00000000'],
  ['*(u8 *)(r1 +0) = r2', '7321000000000000'],
  ['*(u64 *)(r10 -8) = 7', '7a0af8ff07000000'],
  ['lock *(u64 *)(r1 +8) += r2', 'db21080000000000'],
  ['lock *(u32 *)(r1 +8) ^= r2', 'c3210800a0000000'],
  ['r2 = atomic64_fetch_or((u64 *)(r1 +0), r2)', 'db21000041000000'],
  ['r2 = atomic_xchg((u32 *)(r1 +0), r2)', 'c3210000e1000000'],
  ['r0 = atomic64_cmpxchg((u64 *)(r1 +0), r0, r2)', 'db210000f1000000'],
  ['r2 = load_acquire((u64 *)(r1 +0))', 'db12000000010000'],
  ['store_release((u32 *)(r1 +0), r2)', 'c321000010010000'],
  ['r0 = *(u16 *)skb[12]', '280000000c000000'],
  ['r0 = *(u8 *)skb[r1 + 14]', '501000000e000000'],
  ['r1 = 0x1122334455667788', '18010000887766550000000044332211'],
  ['r1 = map[fd:5]', '18110000050000000000000000000000'],
  ['r1 = map[fd:5][0]+16', '18210000050000000000000010000000'],
  ['r1 = map[idx:2]', '18510000020000000000000000000000'],
  ['r1 = btf_id[7]', '18310000070000000000000000000000'],
  ['r1 = subprog[+3]', '18410000030000000000000000000000'],
  ['goto pc+3', '0500030000000000'],
  ['gotol pc-70000', '0600000090eefeff'],
  ['may_goto pc+1', 'e500010000000000'],
  ['gotox r3', '0d03000000000000'],
  ['if r1 == 0x7 goto pc+2', '1501020007000000'],
  ['if w1 s< w2 goto pc-2', 'ce21feff00000000'],
  ['if r1 & 0xffffffff goto pc+0', '45010000ffffffff'],
  ['call bpf_map_lookup_elem#1', '8500000001000000'],
  ['call pc+10', '851000000a000000'],
  ['call kernel-function#1234', '85200000d2040000'],
  ['exit', '9500000000000000'],
  ['.8byte 0x00000000000000ff', 'ff00000000000000'],
]

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

test.each(ENCODINGS)('%s', (text, bytes) => {
  expect(hex(assemble(text))).toBe(bytes)
  expect(decodeInsns(Buffer.from(bytes, 'hex')).map((insn) => disassemble(insn))).toEqual([text])
})

test('labels become distances, over instructions of two slots too', () => {
  const insns = assembleInsns(`
    start:
      r1 = 0x100000000     // two slots
      if r1 == 0 goto done
      call helper
      goto start
    done:
      exit                 ; the end
    helper:
      # nothing in it
      exit`)
  expect(insns.map((insn) => disassemble(insn))).toEqual([
    'r1 = 0x100000000',
    'if r1 == 0x0 goto pc+2',
    'call pc+2',
    'goto pc-5',
    'exit',
    'exit',
  ])
})

test.each([
  ['r1 == 5', 'expected an instruction such as'],
  ['r0 = 0\nrx = 1', "'line 2'"],
  ['goto nowhere\nexit', "there is no label 'nowhere'"],
  ['r16 = 1', 'destination register from 0 to 15'],
  ['goto pc+40000', 'offset from -32768 to 32767'],
])('%j is refused', (text, words) => {
  expect(thrown(BpfError, () => assemble(text)).message).toContain(words)
})

test('bytes that are no whole instructions are refused', () => {
  expect(thrown(BpfError, () => decodeInsns(new Uint8Array(12))).message).toContain('multiple of 8')
  const half = Uint8Array.of(0x18, 1, 0, 0, 0, 0, 0, 0)
  expect(thrown(BpfError, () => decodeInsns(half)).message).toContain('lacks its second half')
})

test('big-endian instructions are read and written', () => {
  const bytes = encodeInsns(assembleInsns('r1 = *(u32 *)(r2 +4)'), false)
  expect(hex(bytes)).toBe('6112000400000000')
  expect(decodeInsns(bytes, false).map((insn) => disassemble(insn))).toEqual([
    'r1 = *(u32 *)(r2 +4)',
  ])
})

test('helpers are known by name and number', () => {
  expect(helperName(1)).toBe('bpf_map_lookup_elem')
  expect(helperId('bpf_ktime_get_ns')).toBe(5)
  expect(helperId('map_lookup_elem')).toBe(1)
  expect(helperName(211)).toBe('bpf_cgrp_storage_delete')
  expect(helperName(212)).toBeUndefined()
  expect(helperId('bpf_no_such_helper')).toBeUndefined()
})

const sections = (path: string): Uint8Array[] =>
  parseElf(readFileSync(path))
    .sections.filter(({ type, flags, size }) => type === 1 && (flags & 4) === 4 && size > 0)
    .map(({ data }) => data)

test('thousands of compiled instructions come back the same from text', () => {
  let count = 0
  for (const bytes of sections(compileBpf('insns.bpf.c'))) {
    const insns = decodeInsns(bytes)
    const text = insns.map((insn) => disassemble(insn)).join('\n')
    expect(hex(assemble(text))).toBe(hex(bytes))
    count += insns.length
  }
  expect(count).toBeGreaterThan(3000)
})

const objdump = ['llvm-objdump-21', 'llvm-objdump-19', 'llvm-objdump']
  .map((name) => `/usr/bin/${name}`)
  .find((path) => existsSync(path))

test.skipIf(objdump === undefined).each(['v3', 'v4'])(
  'llvm-objdump’s text of a -mcpu=%s object assembles to the same bytes (where LLVM is installed)',
  (cpu) => {
    const flags = [`-mcpu=${cpu}`]
    const object = compileBpf('insns.bpf.c', { flags, suffix: `-${cpu}` })
    const out = execFileSync(objdump!, ['-d', flags[0]!.replace('-m', '--m'), object], {
      maxBuffer: 64 << 20,
      encoding: 'utf8',
    })
    const lines = [...out.matchAll(/^\s+\d+:\t((?:[0-9a-f]{2} ?)+)\t+(.*)$/gm)]
    // llvm-objdump does not tell a call of a helper from one of a function.
    const compared = lines.filter(([, , text = '']) => !text.startsWith('call 0x'))
    expect(compared.length).toBeGreaterThan(3000)
    const theirs = compared.map(
      ([, bytes = '', text = '']) => `${bytes.replaceAll(' ', '')}  ${text}`,
    )
    const mine = compared.map(
      ([, , text = '']) => `${hex(assemble(text, { dialect: 'llvm' }))}  ${text}`,
    )
    expect(mine).toEqual(theirs)
  },
)

test('the dump of a loaded program is what bpftool prints', () => {
  using spec = BpfObject.open(compileBpf('insns.bpf.c'))
  using object = spec.load()
  for (const name of ['rounds', 'atomics', 'packet']) {
    const program = object.program(name)
    const { id, xlatedSize } = program.info()
    const out = execFileSync('bpftool', ['prog', 'dump', 'xlated', 'id', String(id)], {
      maxBuffer: 64 << 20,
      encoding: 'utf8',
    })
    const theirs = out.split('\n').filter((line) => /^\s*\d+: \(/.test(line))
    const { text, bytes } = xlated(program)
    // How wide the column of numbers is depends on bpftool's version.
    const unpadded = (lines: string[]) => lines.map((line) => line.trimStart())
    expect(unpadded(text.split('\n'))).toEqual(unpadded(theirs))
    expect(bytes.length).toBe(xlatedSize)
  }
})
