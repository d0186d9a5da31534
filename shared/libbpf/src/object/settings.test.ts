import { rmSync } from 'node:fs'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { compileBpf } from '../../test/compile.ts'
import { getpgid } from '../../test/syscalls.ts'
import { thrown } from '../../test/thrown.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { BpfObject } from './bpf-object.ts'

const basic = compileBpf('basic.bpf.c')

test('a map is resized and retyped before load', () => {
  using spec = BpfObject.open(basic)
  const { maxEntries, keySize, valueSize, type } = spec.map('counts')
  expect({ maxEntries, keySize, valueSize, type }).toEqual({
    maxEntries: 64,
    keySize: 4,
    valueSize: 8,
    type: 'hash',
  })
  spec.map('counts').maxEntries = 7
  spec.map('counts').type = 'lru_hash'
  spec.map('counts').flags = 2 // BPF_F_NO_COMMON_LRU
  spec.map('counts').maxEntries = 1024
  using object = spec.load()
  const info = object.map('counts').info()
  expect([info.typeName, info.flags]).toEqual(['lru_hash', 2])
  expect(info.maxEntries).toBeGreaterThanOrEqual(1024)
})

test('a map of another object is shared by reuse()', () => {
  using first = BpfObject.open(basic)
  using owner = first.load()
  using second = BpfObject.open(basic)
  second.map('counts').reuse(owner.map('counts'))
  using user = second.load()
  expect(user.map('counts').id).toBe(owner.map('counts').id)
})

test('a pin path is where load() pins the map', () => {
  const path = `/sys/fs/bpf/libbpf-test-settings-${process.pid}`
  using spec = BpfObject.open(basic)
  spec.map('counts').pinPath = path
  expect(spec.map('counts').pinPath).toBe(path)
  using _ = spec.load()
  rmSync(path) // throws unless it is there
})

test('a program is left out, or loaded but not attached', () => {
  using spec = BpfObject.open(basic)
  spec.program('on_sys_enter').autoattach = false
  spec.program('pass').autoload = false
  using object = spec.load()
  using links = object.attach()
  expect([...links].map(([name]) => name)).toEqual(['on_getpgid'])
  expect(Object.keys(object.programs)).not.toContain('pass')
})

test('an object whose programs do not say where to attach cannot be attached as a whole', () => {
  using spec = BpfObject.open(basic)
  for (const name of ['on_getpgid', 'on_sys_enter']) spec.program(name).autoattach = false
  using object = spec.load()
  const { message } = thrown(BpfError, () => object.attach())
  expect(message).toContain('on_call, pass')
  expect(message).toContain('attachXdp')
})

test('a log level keeps the verifier’s log of programs that it accepts', () => {
  using spec = BpfObject.open(basic)
  spec.program('on_getpgid').logLevel = 1
  using object = spec.load()
  expect([...object.logs.keys()]).toEqual(['on_getpgid'])
  expect(object.log).toMatch(/processed \d+ insns/)
})

test('logLevel in the options is for all programs', () => {
  using spec = BpfObject.open(basic, { logLevel: 4 })
  using object = spec.load()
  expect([...object.logs.keys()]).toEqual(['on_getpgid', 'on_sys_enter', 'on_call', 'pass'])
})

test('the type and attach type of a program are set by name', () => {
  using spec = BpfObject.open(basic)
  const program = spec.program('pass')
  expect([program.type, program.attachType]).toEqual(['xdp', 'xdp'])
  program.attachType = 'xdp_devmap'
  using object = spec.load()
  expect(object.program('pass').attachType).toBe('xdp_devmap')
  const wrong = () => Object.assign(spec.program('pass'), { type: 'xpd' })
  expect(thrown(BpfError, wrong).message).toContain("'xdp'")
})

test.each([-1, 2 ** 32, 1.5, Number.NaN])('%d is not a number of entries', (n) => {
  using spec = BpfObject.open(basic)
  const set = () => (spec.map('counts').maxEntries = n)
  expect(thrown(BpfError, set).message).toContain('expected an integer from 0 to 4294967295')
})

test('instructions before load are those of the file, 8 bytes each', () => {
  using spec = BpfObject.open(basic)
  const code = spec.program('pass').instructions
  expect(code.length % 8).toBe(0)
  expect(code.subarray(-8)).toEqual(Uint8Array.of(0x95, 0, 0, 0, 0, 0, 0, 0)) // exit
})

test('constants are set before load, variables before and after', () => {
  using spec = BpfObject.open(basic)
  Object.assign(spec.data['rodata']!, { target_pid: process.pid, step: 3n })
  Object.assign(spec.data['data']!, { label: 'before', last_argument: -5 })
  using object = spec.load()
  const { rodata, data, bss } = object.data as Record<string, Record<string, unknown>>
  expect(rodata).toEqual({ target_pid: process.pid, step: 3n })
  expect(data).toEqual({ label: 'before', last_argument: -5 })
  using _ = object.program('on_getpgid').attach()
  bss!['tracepoint_hits'] = 1000n
  getpgid(23)
  expect(bss!['tracepoint_hits']).toBe(1069n)
  data!['label'] = 'after'
  expect(data!['label']).toBe('after')
})

test('writing a constant after load says when constants are set', () => {
  using spec = BpfObject.open(basic)
  using object = spec.load()
  const { message } = thrown(BpfError, () => (object.data['rodata']!['target_pid'] = 1))
  expect(message).toContain("cannot write variable 'target_pid'")
  expect(message).toContain('between open() and load()')
})

test('the spec’s variables cannot be used after load', () => {
  using spec = BpfObject.open(basic)
  const { rodata } = spec.data
  using _ = spec.load()
  expect(thrown(BpfError, () => rodata!['target_pid']).message).toContain('already loaded')
})

test('a value that does not fit a variable is refused', () => {
  using spec = BpfObject.open(basic)
  const { rodata, data } = spec.data
  expect(() => (rodata!['target_pid'] = 2 ** 32)).toThrow(BpfError)
  expect(() => (rodata!['step'] = 1)).toThrow(BpfError)
  expect(() => (data!['label'] = 'much too long for this')).toThrow(BpfError)
  expect(() => (rodata!['no_such_variable'] = 1)).toThrow(BpfError)
})

test('libbpf’s debug messages are passed on, of opening and of loading', () => {
  const said: string[] = []
  using spec = BpfObject.open(basic, {
    onMessage: ({ level, text }) => said.push(`${level} ${text}`),
  })
  expect(said.join('')).toMatch(/^debug libbpf: loading .*basic/m)
  said.length = 0
  using object = spec.load()
  expect(said.join('')).toMatch(/^debug libbpf: map 'counts': created successfully/m)
  using quiet = BpfObject.open(basic)
  using _ = quiet.load()
  expect(said.join('').match(/created successfully/g)).toHaveLength(Object.keys(object.maps).length)
})

test('a callback for messages that throws leaves no object behind', () => {
  let loading = false
  using spec = BpfObject.open(basic, {
    onMessage: () => {
      if (loading) throw new TypeError('enough')
    },
  })
  loading = true
  expect(() => spec.load()).toThrow('enough')
  expect(spec.closed).toBe(true)
})

test('a map, program or variable that was renamed is named, with the one that is meant', () => {
  using spec = BpfObject.open(compileBpf('basic.bpf.c'))
  expect(thrown(BpfError, () => spec.programs['on_getpgd']).message).toBe(
    "cannot find program 'on_getpgd': object 'basic' has none of this name\nDid you mean 'on_getpgid'?",
  )
  expect(thrown(BpfError, () => Reflect.get(spec.maps, 'nothing_like_it')).message).toMatch(
    /^It has .*rodata/m,
  )
  expect(thrown(BpfError, () => spec.data['rodata']!['target_pd']).message).toBe(
    "cannot find variable 'target_pd': section .rodata has none of this name\nDid you mean 'target_pid'?",
  )
  expect('events' in spec.maps).toBe(false)
  using object = spec.load()
  expect(() => Reflect.get(object.maps, 'events')).toThrow("cannot find map 'events'")
  expect(() => object.programs['on_getpgd']).toThrow("Did you mean 'on_getpgid'?")
  expect(() => object.data['bss']!['tracepoint_hit']).toThrow("Did you mean 'tracepoint_hits'?")
})

test('console.log shows maps, programs and variables before load, after it, and after close', () => {
  using spec = BpfObject.open(compileBpf('basic.bpf.c'))
  expect(inspect(spec)).toMatch(/counts: .*on_getpgid: .*target_pid: 0/s)
  const object = spec.load()
  expect(inspect(object)).toMatch(/counts: .*on_getpgid: .*target_pid: 0/s)
  expect(inspect(object.maps['counts'], { breakLength: Infinity })).toBe(
    "HashMap { name: 'counts', type: 'hash', keySize: 4, valueSize: 8, maxEntries: 64 }",
  )
  using links = object.attach()
  expect(inspect(links)).toContain("what: \"'on_getpgid' to")
  expect(inspect(spec)).toContain("object 'basic' is already loaded")
  object.close()
  expect(inspect(object)).toContain('is closed')
})
