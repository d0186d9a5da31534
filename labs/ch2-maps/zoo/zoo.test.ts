import { kernelTooOld, test } from '@ebpf-labs/harness'
import { expect } from 'vitest'
import { arrays } from '../build/zoo/arrays.skel.ts'
import { bloom } from '../build/zoo/bloom.skel.ts'
import { hashes } from '../build/zoo/hashes.skel.ts'
import { nested } from '../build/zoo/nested.skel.ts'
import { queues } from '../build/zoo/queues.skel.ts'
import { storage } from '../build/zoo/storage.skel.ts'
import { allowedCpus, moveTo, ring, threadId } from '../doorbell.ts'
import { newCounters, numbers, withZoo } from './exhibits.ts'

const cpus = allowedCpus()
const beforeBloom = kernelTooOld('5.16')
const beforeTaskStorage = kernelTooOld('5.13')

test('an array has all its slots from the start, and none can be deleted', () => {
  withZoo(arrays, ({ maps: { histogram } }) => {
    expect([...histogram]).toEqual(numbers(0, 31).map((slot) => [slot, 0n]))
    numbers(1, 23).forEach(ring)
    // 1; 2 and 3; 4 to 7; 8 to 15; 16 to 23
    expect([...histogram].slice(0, 7).map(([, n]) => n)).toEqual([0n, 1n, 2n, 4n, 8n, 8n, 0n])
    expect(histogram.get(32)).toBeUndefined()
    expect(() => histogram.delete(3)).toThrow('always exist')
  })
})

test('a per-CPU array has a value for each CPU, and their sum is the count', () => {
  withZoo(arrays, ({ maps: { rings_per_cpu } }) => {
    for (const cpu of cpus) {
      moveTo(cpu)
      numbers(1, 23).forEach(ring)
    }
    moveTo(...cpus)
    const values = rings_per_cpu.get(0) ?? []
    for (const cpu of cpus) expect(values[cpu]).toBe(23n)
    expect(values.reduce((sum, n) => sum + n, 0n)).toBe(23n * BigInt(cpus.length))
  })
})

test('an mmapable array is memory: user space sees what a program wrote without asking the kernel', () => {
  withZoo(arrays, ({ maps: { last_numbers } }) => {
    using view = last_numbers.view()
    const memory = new BigUint64Array(view.buffer, 0, 8)
    numbers(1, 11).forEach(ring)
    expect([...memory]).toEqual([9n, 10n, 11n, 4n, 5n, 6n, 7n, 8n])
    memory[3] = 99n
    expect(last_numbers.get(3)).toBe(99n)
  })
})

test('global data: constants are set before the load, settings and counters live', () => {
  using spec = arrays.open()
  spec.data.rodata.ringer = threadId()
  spec.data.rodata.ignored = 7
  using zoo = spec.load()
  using links = zoo.attach()
  numbers(1, 23).forEach(ring)
  expect(zoo.data.bss.total).toBe(22n) // all but the 7
  zoo.data.data.step = 100
  ring(1)
  expect(zoo.data.bss.total).toBe(122n)
  expect(() => {
    zoo.data.rodata.ignored = 8
  }).toThrow('.rodata')
})

test('a per-CPU hash counts each key on each CPU', () => {
  withZoo(hashes, ({ maps: { times_per_cpu } }) => {
    for (const cpu of cpus) {
      moveTo(cpu)
      for (let n = 0; n < 23; n++) ring(42)
    }
    moveTo(...cpus)
    const values = times_per_cpu.get(42) ?? []
    for (const cpu of cpus) expect(values[cpu]).toBe(23n)
    expect(times_per_cpu.has(43)).toBe(false)
  })
})

test('a full hash refuses new keys, a full LRU hash lets old ones go', () => {
  withZoo(hashes, ({ maps: { times_per_cpu, recent }, data: { bss } }) => {
    numbers(1, 1001).forEach(ring)
    expect(times_per_cpu.size).toBe(64)
    expect([...times_per_cpu.keys()].toSorted((a, b) => a - b)).toEqual(numbers(1, 64))
    expect(bss.refused_when_full).toBe(1001n - 64n)
    expect(bss.refused_by_lru).toBe(0n)
    expect(recent.has(1001)).toBe(true)
    // A few places may stay empty: each CPU keeps some at hand.
    expect(recent.size).toBeLessThanOrEqual(64)
  })
})

test('an LPM trie finds the longest prefix that an address begins with', () => {
  withZoo(hashes, ({ maps: { routes }, data: { bss } }) => {
    routes.set({ length: 8, address: Uint8Array.of(10, 0, 0, 0) }, 1)
    routes.set({ length: 16, address: Uint8Array.of(10, 1, 0, 0) }, 2)
    routes.set({ length: 32, address: Uint8Array.of(10, 1, 2, 3) }, 3)
    const routeOf = (a: number, b: number, c: number, d: number) => {
      ring(((a * 256 + b) * 256 + c) * 256 + d)
      return bss.route
    }
    expect(routeOf(10, 1, 2, 3)).toBe(3)
    expect(routeOf(10, 1, 2, 4)).toBe(2)
    expect(routeOf(10, 2, 2, 3)).toBe(1)
    expect(routeOf(11, 1, 2, 3)).toBe(0)
    routes.set({ length: 0, address: Uint8Array.of(0, 0, 0, 0) }, 9)
    expect(routeOf(11, 1, 2, 3)).toBe(9)
  })
})

test('a queue gives back the oldest first, and is full when it is full', () => {
  withZoo(queues, ({ maps: { first_in_first_out }, data: { bss } }) => {
    numbers(1, 8).forEach(ring)
    expect(bss.push_error).toBe(0n)
    ring(9)
    const E2BIG = 7n
    expect(bss.push_error).toBe(-E2BIG)
    expect(first_in_first_out.peek()).toBe(1)
    expect(first_in_first_out.drain()).toEqual(numbers(1, 8))
    expect(first_in_first_out.pop()).toBeUndefined()
  })
})

test('a queue that may drop its oldest entry keeps the last ones', () => {
  withZoo(queues, ({ maps: { last_eight } }) => {
    numbers(1, 23).forEach(ring)
    expect(last_eight.drain()).toEqual(numbers(16, 23))
  })
})

test('a stack gives back the newest first', () => {
  withZoo(queues, ({ maps: { last_in_first_out } }) => {
    numbers(1, 5).forEach(ring)
    expect(last_in_first_out.drain()).toEqual([5, 4, 3, 2, 1])
  })
})

test.skipIf(beforeBloom)(
  `a bloom filter never denies what was added, and nearly always what was not${beforeBloom}`,
  () => {
    withZoo(bloom, ({ maps: { seen }, data: { bss } }) => {
      numbers(1, 500).forEach((n) => seen.add(n))
      numbers(1, 500).forEach(ring)
      expect(bss).toMatchObject({ perhaps: 500n, surely_not: 0n })
      numbers(1001, 2001).forEach(ring)
      expect(bss.perhaps + bss.surely_not).toBe(1501n)
      expect(Number(bss.surely_not)).toBeGreaterThan(950)
    })
  },
)

test('in a hash of maps a whole map is exchanged in one step', () => {
  withZoo(nested, ({ maps: { tenants }, data: { bss } }) => {
    using before = newCounters()
    using after = newCounters()
    tenants.set(7, before)
    for (let n = 0; n < 23; n++) ring(14)
    ring(15)
    tenants.set(7, after)
    for (let n = 0; n < 5; n++) ring(14)
    expect([...before.values()]).toEqual([23n, 1n])
    expect([...after.values()]).toEqual([5n, 0n])
    expect(tenants.get(7)).toBe(after.id)
    ring(16) // tenant 8 has no map
    expect(bss.strangers).toBe(1n)
  })
})

test.skipIf(beforeTaskStorage)(
  `task storage takes a value from the entry of a call to its exit${beforeTaskStorage}`,
  async ({ exec }) => {
    using spec = storage.open()
    spec.data.rodata.ringer = threadId()
    using zoo = spec.load()
    using links = zoo.attach()
    ring(4242)
    const { number, duration } = zoo.data.bss
    expect(number).toBe(4242)
    expect(duration).toBeGreaterThan(0n)
    expect(duration).toBeLessThan(10n * 10n ** 9n)

    process.kill(process.pid, 'SIGCONT') // a signal that is sent is no ring
    await exec(['/bin/sh', '-c', 'kill -0 $$']) // another one's storage
    expect(zoo.data.bss).toMatchObject({ number, duration })
  },
)

test.skipIf(beforeTaskStorage)(
  `each process has its own task storage, which goes with it${beforeTaskStorage}`,
  async ({ run }) => {
    using spec = storage.open()
    using zoo = spec.load()
    using links = zoo.attach()
    const { visits } = zoo.maps
    // Each rings with its own pid as number, and then waits.
    const shell = ['/bin/sh', '-c', 'kill -0 $$; echo rung; exec sleep 60']
    const [one, other] = [await run(shell), await run(shell)]
    await Promise.all([one.line('rung'), other.line('rung')])
    expect(visits.get({ pid: one.pid })?.number).toBe(one.pid)
    expect(visits.get({ pid: other.pid })?.number).toBe(other.pid)
    await one.kill()
    expect(() => visits.get({ pid: one.pid })).toThrow('ESRCH')
    expect(visits.has({ pid: other.pid })).toBe(true)
  },
)

test('only the thread that was asked for rings', async ({ exec }) => {
  using spec = arrays.open()
  spec.data.rodata.ringer = threadId()
  using zoo = spec.load()
  using links = zoo.attach()
  await exec(['/bin/sh', '-c', 'kill -0 $$'])
  expect(zoo.data.bss.total).toBe(0n)
  process.kill(process.pid, 'SIGCONT') // a signal that is sent is no ring
  expect(zoo.data.bss.total).toBe(0n)
  ring(1)
  expect(zoo.data.bss.total).toBe(1n)
})
