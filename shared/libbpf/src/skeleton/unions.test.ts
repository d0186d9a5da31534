import { expect, test } from 'vitest'
import { compileBpf } from '../../test/compile.ts'
import { importSkeleton } from '../../test/skeleton.ts'
import { BpfObject } from '../object/bpf-object.ts'

const source = 'unions.bpf.c'

/** The maps of the program, with the codecs that bpf2ts wrote and with those made at run time. */
async function bothWays() {
  const { unions } = await importSkeleton(source)
  const generated = unions.open().load()
  const derived = BpfObject.open(compileBpf(source)).load()
  return {
    all: [generated.maps, derived.maps],
    [Symbol.dispose]() {
      generated.close()
      derived.close()
    },
  }
}

test('a key or value that has unions in it is written from one member of each', async () => {
  using ways = await bothWays()
  for (const { rules, seen } of ways.all) {
    const v6 = Uint8Array.from({ length: 16 }, (_, i) => i + 1)
    rules.set({ v4: 1 }, { port: 80, half: 2, low: 3, high: 4, to: [{ v4: 5 }, { bytes: v6 }] })
    const rule = rules.get({ bytes: Uint8Array.of(1, ...new Uint8Array(15)) })
    expect(rule).toMatchObject({ port: 80, mark: 2, half: 2, id: 0x4_0000_0003n, low: 3, high: 4 })
    expect(rule.to).toMatchObject([{ v4: 5 }, { v4: 0x0403_0201, v6 }])
    // What was read is written again, also with a member of a named union changed, or one in place of the others.
    const [first, second] = rule.to
    rules.set({ v4: 1 }, { ...rule, mark: 9, half: undefined, to: [first, { ...second, v4: 7 }] })
    expect(rules.get({ v4: 1 })).toMatchObject({ mark: 9, half: 9, id: 0x4_0000_0003n })
    expect(rules.get({ v4: 1 }).to[1].v6).toEqual(Uint8Array.of(7, 0, 0, 0, ...v6.subarray(4)))
    seen.push({ v6 })
    expect(seen.pop()).toMatchObject({ v4: 0x0403_0201, v6, bytes: v6 })
  }
})

test('a union without a member, or with members that contradict each other, is refused', async () => {
  using ways = await bothWays()
  for (const { rules, seen } of ways.all) {
    expect(() => seen.push({})).toThrow('one of v4, v6')
    const rule = { port: 80, id: 1n, to: [{ v4: 5 }, { v4: 6 }] }
    expect(() => rules.set({ v4: 1 }, rule)).toThrow('one of mark, half')
    expect(() => rules.set({ v4: 1 }, { ...rule, mark: 1, half: 2 })).toThrow('only one of them')
    expect(() => rules.set({ v4: 1 }, { ...rule, mark: 1, id: undefined, low: 1 })).toThrow('high')
    expect(rules.size).toBe(0)
  }
})
