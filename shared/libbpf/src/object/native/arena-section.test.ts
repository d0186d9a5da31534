import { expect, test } from 'vitest'
import { compileBpf } from '../../../test/compile.ts'
import { importSkeleton } from '../../../test/skeleton.ts'
import { thrown } from '../../../test/thrown.ts'
import { ClosedError } from '../../errors/closed-error.ts'
import { libbpfAtLeast } from '../../ffi/libbpf.ts'
import { ArenaMap } from '../../maps/kinds/arena-map.ts'
import { probeMapType } from '../../probe/map-types.ts'
import { BpfObject } from '../bpf-object.ts'

// Linux 6.9; libbpf before 1.5 does not know variables in an arena.
const hasArenas = libbpfAtLeast('1.5') && probeMapType('arena').supported

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
