import { expect, test } from 'vitest'
import { compileBpf } from '../../test/compile.ts'
import { thrown } from '../../test/thrown.ts'
import { getpgid } from '../../test/syscalls.ts'
import { VerifierError } from '../errors/verifier-error.ts'
import { BpfObject } from './bpf-object.ts'

const basic = compileBpf('basic.bpf.c')

test('a tracepoint program counts exactly the system calls of this process', () => {
  using spec = BpfObject.open(basic)
  spec.data['rodata']!['target_pid'] = process.pid
  using object = spec.load()
  using link = object.program('on_getpgid').attach()
  getpgid(23, 7)
  link.detach()
  getpgid(5)
  expect(object.data['bss']!['tracepoint_hits']).toBe(23n)
  expect(object.data['data']!['last_argument']).toBe(7)
})

test('attach() attaches every program whose section says where to, and closing the links ends it', () => {
  using spec = BpfObject.open(basic)
  spec.data['rodata']!['target_pid'] = process.pid
  using object = spec.load()
  const bss = object.data['bss']!
  {
    using links = object.attach()
    expect([...links].map(([name]) => name)).toEqual(['on_getpgid', 'on_sys_enter'])
    getpgid(23)
  }
  const seen = bss['raw_tp_hits']
  getpgid(10)
  expect(bss['tracepoint_hits']).toBe(23n)
  expect(seen).toBeGreaterThanOrEqual(23n)
  expect(bss['raw_tp_hits']).toBe(seen)
})

test('a program that the verifier rejects throws its verdict and the whole log', () => {
  using spec = BpfObject.open(compileBpf('rejected.bpf.c'))
  const { program, message, log } = thrown(VerifierError, () => spec.load())
  expect(program).toBe('unchecked')
  expect(message).toContain("invalid mem access 'map_value_or_null'")
  expect(log).toMatch(/processed \d+ insns/)
})
