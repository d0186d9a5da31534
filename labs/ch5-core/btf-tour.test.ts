import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterAll, expect } from 'vitest'
import { bpftool, kernelTooOld, test } from '@ebpf-labs/harness'
import { Btf, btfs, type BtfType } from '@ebpf-labs/libbpf'
import { allTypes, notation, placeOf, typeName } from './btf-notation.ts'
import { hello_core } from './build/hello-core.skel.ts'

const VMLINUX = '/sys/kernel/btf/vmlinux'
const kernel = Btf.kernel()
const spec = hello_core.open()
spec.programs.hello_core.autoattach = false // it is looked at, and does not run
const skel = spec.load()
afterAll(() => skel.close())

/** What `bpftool btf dump` prints, as it is. */
const dump = (...args: (string | number)[]): string[] =>
  execFileSync('bpftool', ['btf', 'dump', ...args.map(String)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'], // it remarks that vmlinux is the kernel's
  })
    .trimEnd()
    .split('\n')

const roots = (ids: readonly number[]) => ids.flatMap((id) => ['root_id', id])

test('the kernel’s struct file_system_type is what bpftool says, member by member', async () => {
  const struct = kernel.find('file_system_type', 'struct')!
  expect(notation(kernel, struct)).toEqual(dump('file', VMLINUX, ...roots([struct.id])))
  const { types } = await bpftool<{
    types: { members: { name: string; bits_offset: number }[]; size: number }[]
  }>('btf', 'dump', 'file', VMLINUX, 'root_id', String(struct.id))
  expect(
    struct.members.map((member) => [member.name, Number(placeOf(kernel, member).at) * 8]),
  ).toEqual(types[0]?.members.map(({ name, bits_offset }) => [name, bits_offset]))
  expect(struct.size).toBe(types[0]?.size)
})

test('btf_bpf_trace_printk is a TYPEDEF of a PTR to a FUNC_PROTO, as bpftool says', () => {
  const typedef = kernel.find('btf_bpf_trace_printk', 'typedef')!
  const pointer = kernel.type(typedef.type)
  const prototype = kernel.type('type' in pointer ? pointer.type : 0)
  const chain: BtfType[] = [typedef, pointer, prototype]
  expect(chain.map(({ kind }) => kind)).toEqual(['typedef', 'ptr', 'func_proto'])
  const lines = chain.flatMap((type) => notation(kernel, type))
  expect(lines).toEqual(dump('file', VMLINUX, ...roots(chain.map(({ id }) => id))))
})

test('a type of each kind in the kernel is what bpftool says', () => {
  const lastOfKind = new Map<number, number>()
  for (let id = 1; id < kernel.length; id++) lastOfKind.set(kernel.kindNumber(id), id)
  const ids = [...lastOfKind.values()]
  const kinds = ids.map((id) => kernel.type(id).kind)
  expect(kinds).toEqual(
    expect.arrayContaining([
      ...(['int', 'ptr', 'array', 'struct', 'union', 'enum', 'fwd', 'typedef'] as const),
      ...(['volatile', 'const', 'func', 'func_proto'] as const),
      // Debian's 5.10 says nothing of its per-CPU variables.
      ...(kernelTooOld('6.1') ? [] : (['var', 'datasec'] as const)),
    ]),
  )
  const MOST = 16 // types that bpftool takes in one go
  for (let from = 0; from < ids.length; from += MOST) {
    const some = ids.slice(from, from + MOST)
    const lines = some.flatMap((id) => notation(kernel, kernel.type(id)))
    expect(lines).toEqual(dump('file', VMLINUX, ...roots(some)))
  }
})

test('the BTF of the file and the BTF that is loaded are what bpftool says, and differ', () => {
  const { btfId } = skel.programs.hello_core.info()
  const file = allTypes(Btf.fromElf(readFileSync(hello_core.object)))
  const loaded = allTypes(Btf.byId(btfId))
  expect([...file.values()].flat()).toEqual(dump('file', hello_core.object.pathname))
  expect([...loaded.values()].flat()).toEqual(dump('id', btfId))

  expect([...loaded.keys()]).toEqual([...file.keys()])
  const changed = [...file].filter(([id, lines]) => lines.join() !== loaded.get(id)?.join())
  const nameOf = (line = '') => /^\[\d+\] (\w+ '[^']+')/.exec(line)?.[1]
  expect(new Set(changed.map(([, [line]]) => nameOf(line)))).toEqual(
    new Set([
      ...["DATASEC '.bss'", "DATASEC '.data'", "DATASEC '.kconfig'", "DATASEC '.maps'"],
      ...["DATASEC 'license'", "VAR 'LINUX_HAS_SYSCALL_WRAPPER'"],
    ]),
  )
  for (const [id, [line = '']] of changed) {
    const now = loaded.get(id)?.[0]
    if (line.includes('DATASEC')) expect(line).toContain(' size=0 ')
    if (line.includes('DATASEC')) expect(now).not.toContain(' size=0 ')
    if (line.includes(' VAR '))
      expect([line, now]).toEqual([
        expect.stringMatching(/linkage=extern$/),
        expect.stringMatching(/linkage=global$/),
      ])
  }
})

test('a map and a program name the BTF that describes them, which the kernel lists', async () => {
  const program = skel.programs.hello_core.info()
  const map = skel.maps.messages.info()
  const [shown] = await bpftool<{ btf_id: number }[]>('map', 'show', 'id', String(map.id)).then(
    (one) => [one].flat(),
  )
  expect(shown?.btf_id).toBe(map.btfId)
  expect(program.btfId).toBe(map.btfId)
  const btf = Btf.byId(map.btfId)
  expect(typeName(btf, map.btfKeyTypeId)).toBe('u32')
  expect(typeName(btf, map.btfValueTypeId)).toBe('struct message')
  expect([...btfs()].find(({ id }) => id === map.btfId)).toMatchObject({ name: '', kernel: false })
})
