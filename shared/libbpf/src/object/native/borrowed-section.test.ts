import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { compileBpf } from '../../../test/compile.ts'
import { importSkeleton } from '../../../test/skeleton.ts'
import { thrown } from '../../../test/thrown.ts'
import { hasTrampolines } from '../../../test/trampolines.ts'
import { ClosedError } from '../../errors/closed-error.ts'
import { UnsupportedError } from '../../errors/unsupported-error.ts'
import { libbpfAtLeast } from '../../ffi/libbpf.ts'
import { ArenaMap } from '../../maps/kinds/arena-map.ts'
import { probeMapType } from '../../probe/map-types.ts'
import { BpfObject } from '../bpf-object.ts'

const hasValues = libbpfAtLeast('1.5')

// Linux 6.9; libbpf before 1.5 does not know variables in an arena.
const hasArenas = hasValues && probeMapType('arena').supported

test.runIf(hasArenas)('variables in an arena are set before load, and shared after it', () => {
  using spec = BpfObject.open(compileBpf('arena.bpf.c'))
  expect(spec.data['arena']).toEqual({ step: 5n, total: 0n, place: { x: 1, y: 2 } })
  spec.data['arena']!['step'] = 7n
  const object = spec.load()
  const arena = object.data['arena']!
  const walk = object.program('walk')
  walk.testRun()
  walk.testRun()
  expect(arena).toEqual({ step: 7n, total: 14n, place: { x: 3, y: 2 } })
  arena['step'] = 100n
  walk.testRun()
  expect(arena['total']).toBe(114n)
  object.close()
  thrown(ClosedError, () => arena['total'])
})

test.runIf(hasArenas)('the memory of an object’s arena holds its variables', () => {
  using spec = BpfObject.open(compileBpf('arena.bpf.c'))
  const object = spec.load()
  const pages = object.map('pages')
  if (!(pages instanceof ArenaMap)) throw new Error('pages is no arena')
  object.data['arena']!['total'] = 0x1122334455667788n
  const words = new BigUint64Array(pages.memory())
  expect(words.filter((word) => word === 0x1122334455667788n).length).toBe(1)
  object.close()
  expect(words.length).toBe(0)
})

test.runIf(hasArenas)('the skeleton has variables in an arena as the section arena', async () => {
  const { arena } = await importSkeleton('arena.bpf.c')
  using spec = arena.open()
  spec.data.arena.place = { x: 10, y: 20 }
  using object = spec.load()
  object.programs.walk.testRun()
  expect(object.data.arena.place).toEqual({ x: 11, y: 20 })
})

test.runIf(hasValues)(
  'values of a struct_ops map are set before load, but not its functions',
  () => {
    using spec = BpfObject.open(compileBpf('struct-ops.bpf.c'))
    expect(spec.data['counting']).toEqual({ name: 'bpf_counting', key: 0, flags: 0 })
    spec.data['counting']!['name'] = `bpf_${process.pid}`
    expect(() => spec.data['counting']!['init']).toThrow("cannot find variable 'init'")
  },
)

test.runIf(hasValues && hasTrampolines)(
  'the kernel gets the values of a struct_ops map that were set',
  async () => {
    const { struct_ops } = await importSkeleton('struct-ops.bpf.c')
    const name = `bpf_${process.pid}`
    using spec = struct_ops.open()
    spec.data.counting.name = name
    using object = spec.load()
    expect(object.data.counting.name).toBe(name)
    expect(() => (object.data.counting.name = 'other')).toThrow('between open() and load()')
    using _links = object.attach()
    const controls = readFileSync('/proc/sys/net/ipv4/tcp_available_congestion_control', 'utf8')
    expect(controls.trim().split(' ')).toContain(name)
  },
)

test.runIf(!hasValues)('a libbpf that keeps values to itself says which one does not', () => {
  using spec = BpfObject.open(compileBpf('struct-ops.bpf.c'))
  const error = thrown(UnsupportedError, () => spec.data['counting']!['name'])
  expect(error.needs).toEqual({ libbpf: '1.5' })
})
