import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { compileBpf } from '../../test/compile.ts'
import { importSkeleton } from '../../test/skeleton.ts'

test('constants set before load reach the program, and its variables come back', async () => {
  const { sections } = await importSkeleton('sections.bpf.c')
  using spec = sections.open()
  expect(spec.data.rodata).toEqual({ target_pid: 7, filter: { uid: 1000, name: 'root' } })
  spec.data.rodata.target_pid = 100
  spec.data.rodata.filter = { uid: 5, name: 'me' }
  spec.data.data.level = -20
  using object = spec.load()
  object.programs.first.testRun()
  const { total, hidden_total } = object.data.bss
  expect({ total, hidden_total }).toEqual({ total: 2n + 100n + 2n, hidden_total: 2 + 3 })
  const { CONFIG_HZ, CONFIG_BPF_SYSCALL, LINUX_KERNEL_VERSION } = object.data.kconfig
  expect(CONFIG_BPF_SYSCALL).toBe(true)
  expect(LINUX_KERNEL_VERSION).toBeGreaterThan(0x5_0000)
  expect(object.data.data.level).toBe(-20 + 5 + 'h'.charCodeAt(0) + CONFIG_HZ)
})

test('a map of the object takes keys and values as the skeleton types them', async () => {
  const { sections } = await importSkeleton('sections.bpf.c')
  using spec = sections.open()
  using object = spec.load()
  object.maps.counts.set({ pid: 1, cpu: 2 }, 3n)
  expect([...object.maps.counts]).toEqual([[{ pid: 1, cpu: 2 }, 3n]])
})

test('an object whose layout changed since is refused, and says what to do', async () => {
  const { sections } = await importSkeleton('sections.bpf.c')
  const other = readFileSync(compileBpf('layouts.bpf.c'))
  expect(() => sections.open({ object: other })).toThrow(/run bpf2ts sections\.bpf\.o again/)
})

test('an object that is built anew with the same layout is accepted', async () => {
  const { sections } = await importSkeleton('sections.bpf.c')
  const object = compileBpf('sections.bpf.c', { suffix: '.o1', flags: ['-O1', '-mcpu=v2'] })
  using spec = sections.open({ object })
  expect(spec.data.rodata.target_pid).toBe(7)
})

test('a ring buffer without a value type cannot be read, and the error tells what to add', async () => {
  const { names } = await importSkeleton('names.bpf.c')
  using spec = names.open()
  using object = spec.load()
  expect(() => object.maps.untyped.open()).toThrow('__type(value, struct')
})

test('a map that is called like a section is the map, and the section keeps its variables', async () => {
  const { same_names } = await importSkeleton('same-names.bpf.c')
  using spec = same_names.open()
  expect(Object.keys(spec.maps)).toContain('data')
  spec.data.data.level = 7
  using object = spec.load()
  object.programs.on_sys_enter.testRun()
  expect([...object.maps.data]).toEqual([[7, 7n]])
  expect(object.data.data.level).toBe(7)
})
