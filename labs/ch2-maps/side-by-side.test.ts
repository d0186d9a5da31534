import { kernelTooOld, test as anywhere } from '@ebpf-labs/harness'
import { expect } from 'vitest'
import { compare } from './compare.ts'
import { allowedCpus } from './doorbell.ts'

// Wake-ups are counted by fentry.
const tooOld = kernelTooOld('6.4/arm64')
const test = anywhere.skipIf(tooOld)

const cpus = allowedCpus().length
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n)

test(`a perf buffer wakes its reader for each event, a ring buffer once until it has read${tooOld}`, () => {
  const { perf, ring } = compare(23)
  expect(perf).toMatchObject({ sent: 23, lost: 0, wakeups: 23 })
  expect(ring).toMatchObject({ sent: 23, lost: 0, wakeups: 1 })
  expect(perf.order).toHaveLength(23)
  expect(ring.order).toHaveLength(23)
})

test(`a ring buffer keeps the order of the events, from whatever CPU they come${tooOld}`, () => {
  const { ring } = compare(23)
  expect(ring.order).toEqual(upTo(23))
  expect(ring.inOrder).toBe(true)
  const [first, second = first] = allowedCpus()
  const turns = [first, second, first]
  expect(ring.from).toEqual(upTo(23).map((n) => turns[n < 7 ? 0 : n < 15 ? 1 : 2]))
})

const needsTwo = tooOld || (cpus > 1 ? '' : ' (needs two CPUs, this machine has one)')
anywhere.skipIf(needsTwo)(`a perf buffer keeps the order on each CPU only${needsTwo}`, () => {
  const { perf } = compare(23)
  expect(perf.order.toSorted((a, b) => a - b)).toEqual(upTo(23))
  // CPU by CPU: 0 to 6 and 15 to 22 come from the first one, 7 to 14 from the second one.
  const first = [...upTo(7), ...upTo(23).slice(15)]
  const second = upTo(15).slice(7)
  expect([
    [...first, ...second],
    [...second, ...first],
  ]).toContainEqual(perf.order)
  expect(perf.inOrder).toBe(false)
})

test(`what a full buffer loses is told to the program, by both buffers${tooOld}`, () => {
  const { perf, ring } = compare(301)
  for (const side of [perf, ring]) {
    expect(side.sent).toBe(301)
    expect(side.order.length).toBeLessThan(301)
    expect(side.order.length + side.lost).toBe(301)
  }
  // 4096 bytes are room for 256 events of 8 bytes with their headers of 8; one place stays empty.
  expect(ring.order).toEqual(upTo(255))
})
