import { expect, test } from 'vitest'
import { registerInWords, typeInWords } from './describe.ts'
import { parseRegisters } from './registers.ts'

test('the old and the new names of one state mean the same', () => {
  const [old] = parseRegisters('R6_w=inv(id=0,umax_value=255,var_off=(0x0; 0xff))')
  const [recent] = parseRegisters('R6=scalar(id=0,umax=255,var_off=(0x0; 0xff))')
  expect({ ...old, text: '' }).toEqual({ ...recent, text: '' })
  expect(recent).toMatchObject({
    type: 'scalar',
    attributes: { umax: '255', var_off: '(0x0; 0xff)' },
  })
})

test('known numbers are read in every way they are printed', () => {
  const states = parseRegisters('R0=inv5 R1_w=invP-1 R2=P7 R3=-3 R4=0xffff')
  expect(states.map(({ type, value }) => [type, value])).toEqual([
    ['scalar', 5n],
    ['scalar', -1n],
    ['scalar', 7n],
    ['scalar', -3n],
    ['scalar', 0xffffn],
  ])
})

test('bounds that share a value are read under each of their names', () => {
  const [state] = parseRegisters('R1=scalar(smin=smin32=0,smax=umax=smax32=umax32=12)')
  expect(state?.attributes).toEqual({
    smin: '0',
    smin32: '0',
    smax: '12',
    umax: '12',
    smax32: '12',
    umax32: '12',
  })
})

test('stack slots, frames and references are told apart', () => {
  const states = parseRegisters(
    ' R10=fp0 fp-8=mmmm???? frame1: R1=fp[0]-4 fp-16_w=map_ptr(ks=4) refs=2,4 cb',
  )
  expect(states.map(({ name, frame, type }) => [name, frame, type])).toEqual([
    ['R10', 0, 'fp'],
    ['fp-8', 0, 'partly uninitialised'],
    ['R1', 1, 'fp'],
    ['fp-16', 1, 'map_ptr'],
  ])
})

test.each([
  [
    'R0=map_value_or_null(id=1,map=configs,ks=4,vs=12)',
    "a pointer to a value of map 'configs' that may be NULL",
  ],
  ['R0=ringbuf_mem_or_null(id=2,ref_obj_id=2,sz=4)', 'a ring buffer record that may be NULL'],
  ['R1=pkt(off=12,r=14)', 'a packet pointer at offset 12 with 14 bytes checked'],
  ['R1=scalar(umax=4294967295,var_off=(0x0; 0xffffffff))', 'a number from 0 to 4294967295'],
  ['R1=scalar()', 'a number that can be anything'],
  ['R1=scalar(smin=-5,smax=7)', 'a number from -5 to 7'],
  ['R2=fp-16', 'the stack address fp-16'],
  [
    'R2=fp(off=-16,smin=0,smax=umax=16,var_off=(0x0; 0x1f))',
    'the stack address fp-16 plus a number from 0 to 16',
  ],
  ['R1=trusted_ptr_task_struct()', 'a trusted kernel pointer (struct task_struct)'],
  ['R1=ctx()', 'the context'],
])('%s is %s', (text, words) => {
  expect(parseRegisters(text).map(registerInWords)).toEqual([words])
})

test('a type that is not known is called by its own name', () => {
  expect(typeInWords('new_kind_or_null')).toBe('new_kind that may be NULL')
})
