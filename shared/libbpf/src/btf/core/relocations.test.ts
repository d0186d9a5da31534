import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { compileBpf } from '../../../test/compile.ts'
import { kernelAtLeast } from '../../../test/kernel.ts'
import { thrown } from '../../../test/thrown.ts'
import { BpfError } from '../../errors/bpf-error.ts'
import { VerifierError } from '../../errors/verifier-error.ts'
import { BpfObject } from '../../object/bpf-object.ts'
import { Btf } from '../btf.ts'
import { coreRelocations, relocatedValue } from './relocations.ts'

const path = compileBpf('core.bpf.c')
const bytes = new Uint8Array(readFileSync(path))
const found = coreRelocations(bytes)
const of = (name: string) => found.filter(({ program }) => program === name)

const asked = [
  ['field_byte_offset', 'file_system_type___some.name'],
  ['field_exists', 'file_system_type___some.owner'],
  ['type_size', 'struct file_system_type___some'],
  ['enum_value', 'bpf_map_type.BPF_MAP_TYPE_RINGBUF'],
  ['field_exists', 'task_struct___gone.no_such_field'],
] as const

/** In the order of the source; clang puts the instructions in another one. */
const inOrder = asked.map(([kind, target]) =>
  of('ask').find((one) => one.kind === kind && one.target === target)!,
)

test('each relocation names what it is about, and has the value that clang wrote', () => {
  expect(of('ask')).toHaveLength(asked.length)
  expect(inOrder.map(({ value }) => value)).toEqual([8n, 1n, 16n, 27n, 1n])
})

test('after load an instruction has the running kernel’s value, and the program computes with it', () => {
  using spec = BpfObject.open(path)
  using object = spec.load()
  const { instructions } = object.program('ask')
  const type = Btf.kernel().find('file_system_type', 'struct')!
  const name = BigInt(type.members.find((member) => member.name === 'name')!.bitOffset / 8)
  const patched = inOrder.map(({ slot }) => relocatedValue(instructions, slot))
  expect(patched).toEqual([name, 1n, BigInt(type.size), 27n, 0n])
  object.program('ask').testRun({ data: new Uint8Array(64) })
  const results = object.data['bss']!['results']
  expect([...results].slice(0, 5)).toEqual(patched)
})

test('what the kernel does not have leaves a call that the verifier rejects', () => {
  const [relocation] = of('gone')
  const call = Uint8Array.from([0x85, 0, 0, 0, 0x10, 0x23, 0xad, 0x0b])
  expect(relocation?.target).toBe('task_struct___gone.no_such_field')
  expect(relocatedValue(call, 0)).toBeUndefined()
})

test.for([
  ['gone', /no field 'no_such_field' in struct task_struct,[^]*bpf_core_field_exists/],
  ['misspelt', /no field 'tgdi' in struct task_struct,[^]*Did you mean 'tgid'/],
  ['gone_type', /no struct no_such_type,[^]*bpf_core_type_exists\(struct no_such_type\)/],
  ['gone_value', /no BPF_MAP_TYPE_NO_SUCH in enum bpf_map_type,[^]*bpf_core_enum_value_exists/],
] as const)('the error of %s says what the kernel lacks, and what to do', ([name, words]) => {
  using spec = BpfObject.open(path)
  spec.program(name).autoload = true
  const error = thrown(VerifierError, () => spec.load())
  expect(error.program).toBe(name)
  expect(error.message).toMatch(words)
})

test.skipIf(!kernelAtLeast('5.11'))('of a load, the offset is relocated (Linux 5.11)', () => {
  const members = Btf.kernel().find('task_struct', 'struct')!.members
  const tgid = BigInt(members.find(({ name }) => name === 'tgid')!.bitOffset / 8)
  expect(of('direct')).toMatchObject([{ target: 'task_struct.tgid' }])
  using spec = BpfObject.open(path)
  const program = spec.program('direct')
  program.autoload = true
  using object = spec.load()
  const [relocation] = of('direct')
  expect(relocatedValue(object.program('direct').instructions, relocation!.slot)).toBe(tgid)
})

test('an object without relocations has none, an instruction that is not there is an error', () => {
  const without = compileBpf('basic.bpf.c', { suffix: '-no-btf', flags: ['-g0'] })
  expect(coreRelocations(new Uint8Array(readFileSync(without)))).toEqual([])
  expect(thrown(BpfError, () => relocatedValue(new Uint8Array(16), 2)).message).toContain(
    'expected one of 2, got number 2',
  )
})
