import { kernelTooOld, test } from '@ebpf-labs/harness'
import { expect } from 'vitest'
import { loops } from './build/loops.skel.ts'

const node = process.execPath
const loader = new URL('loops.ts', import.meta.url).pathname
const kinds = [
  ['bounded_loop', '5.3'],
  ['helper_loop', '5.17'],
  ['iterator_loop', '6.4'],
] as const
type Loop = (typeof kinds)[number][0]

/** Runs one loop, and tells its sum and how many instructions the verifier walked through. */
function run(name: Loop, rounds: number, logLevel = 4) {
  using spec = loops.open({ logLevel })
  spec.programs[name].autoload = true
  spec.data.rodata.bound = spec.data.data.rounds = rounds
  using skel = spec.load()
  expect(skel.programs[name].testRun({ data: new Uint8Array(64) }).retval).toBe(2)
  const log = skel.logs.get(name) ?? ''
  return { log, sum: skel.data.bss.sum, walked: Number(/^processed (\d+) insns/m.exec(log)?.[1]) }
}

for (const [name, since] of kinds) {
  const tooOld = kernelTooOld(since)
  test.skipIf(tooOld)(`${name} passes, and goes round as often as it is told${tooOld}`, () => {
    expect(run(name, 1000).sum).toBe(499_500n)
    expect(run(name, 23).sum).toBe(253n)
    expect(run(name, 0).sum).toBe(0n)
  })
}

test('the verifier walks through each round of a bounded loop', () => {
  const few = run('bounded_loop', 100).walked
  const many = run('bounded_loop', 1000).walked
  expect(few).toBeGreaterThan(100 * 4)
  expect(many - few).toBeGreaterThanOrEqual(900 * 4)
})

for (const [name, since] of kinds.slice(1)) {
  const tooOld = kernelTooOld(since)
  test.skipIf(tooOld)(
    `the verifier walks through ${name} once, whatever its rounds${tooOld}`,
    () => {
      const { sum, walked } = run(name, 1_000_000)
      expect(sum).toBe(499_999_500_000n)
      expect(walked).toBeLessThan(200)
      expect(run(name, 10).walked).toBe(walked)
    },
  )
}

const apart = kernelTooOld('5.17')
test.skipIf(apart)(`the verifier’s log has each value of the loop’s register${apart}`, () => {
  const { log } = run('bounded_loop', 23, 2)
  const values = [...log.matchAll(/^\d+: \(07\) r(\d) \+= 1 +; R\1(?:_\w+)?=(\w+)$/gm)]
  expect(values.map(([, , value]) => Number(value?.replace(/^P|^inv/, '')))).toEqual(
    Array.from({ length: 23 }, (_, n) => n + 1),
  )
})

test(
  'the loader names the loops when there is none of that name',
  { timeout: 90_000 },
  async ({ exec }) => {
    const { code, stderr } = await exec([node, loader, 'endless'], { deadline: 60_000 })
    expect(code).toBe(2)
    expect(stderr).toContain("There is no loop 'endless'. There are: bounded_loop,")
  },
)
