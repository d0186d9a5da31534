import { afterAll, expect, test } from 'vitest'
import { scratchWorkspace } from '../test/scratch-workspace.ts'

const scratch = scratchWorkspace()
afterAll(() => scratch[Symbol.asyncDispose]())

// The copy's own module: its locks are not those of the tests that run here and now.
const { takeSlot, slotCount }: typeof import('./slots.ts') = await import(
  `${scratch.folder}/vm/src/slots.ts`
)
const { execAlone }: typeof import('./index.ts') = await import(`${scratch.folder}/vm/src/index.ts`)

test('whoever comes when all machines are taken gets the one that is free first', async () => {
  const taken = []
  while (taken.length < slotCount()) taken.push(await takeSlot())
  expect(taken.map(({ number }) => number)).toEqual(taken.map((_, index) => index + 1))
  let got: number | undefined
  const waiting = takeSlot().then((slot) => {
    got = slot.number
    return slot
  })
  const last = taken.pop()
  expect(got).toBeUndefined()
  last?.[Symbol.dispose]()
  using next = await waiting
  expect(next.number).toBe(last?.number)
  for (const slot of taken) slot[Symbol.dispose]()
})

test('two test runs at once have a kernel each, and down ends both machines', async () => {
  const bootId = async () => {
    const options = { cwd: scratch.folder, output: 'capture' } as const
    return (await execAlone(['cat', '/proc/sys/kernel/random/boot_id'], options)).stdout
  }
  const ids = await Promise.all([bootId(), bootId()])
  expect(ids[0]).toMatch(/^[0-9a-f-]{36}\n$/)
  const machines = new Set(ids).size
  expect(machines).toBe(slotCount()) // on a small computer they wait for each other
  const { stderr, exitCode } = await scratch.vm(['down'])
  expect(stderr).toContain(
    machines === 1 ? 'The machine is down.' : `${machines} machines are down.`,
  )
  expect(exitCode).toBe(0)
})
