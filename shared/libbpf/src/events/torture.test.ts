import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpus } from 'node:os'
import { expect, test } from 'vitest'
import { EventsObject, checkOf } from '../../test/events.ts'
import type { TestEvent } from '../../test/events.ts'

/** System calls that each child makes: dd reads and writes a byte at a time. */
const BYTES = 50_000

/** Keeps every CPU busy with system calls of children of this process; resolves when all have ended. */
async function flood(): Promise<void> {
  const children = cpus().map((_, cpu) => {
    const dd = ['dd', 'if=/dev/zero', 'of=/dev/null', 'bs=1', `count=${BYTES}`]
    return spawn('taskset', ['-c', String(cpu), ...dd], { stdio: 'ignore' })
  })
  const exits = await Promise.all(children.map((child) => once(child, 'exit')))
  expect(exits.map(([code]) => code as unknown)).toEqual(children.map(() => 0))
}

/** Notes events by CPU and checks that they are whole and come in order, each once. */
class Ledger {
  /** The next sequence number of each CPU. */
  readonly next = new Map<number, bigint>()
  events = 0
  torn = 0
  outOfOrder = 0

  note({ cpu, seq, check }: Pick<TestEvent, 'cpu' | 'seq' | 'check'>): void {
    const expected = this.next.get(cpu) ?? 0n
    if (seq !== expected) this.outOfOrder += 1
    if (check !== checkOf(seq)) this.torn += 1
    this.next.set(cpu, seq + 1n)
    this.events += 1
  }
}

interface PerCpuCounters {
  sent: bigint
  dropped: bigint
}

function counters(o: EventsObject): PerCpuCounters[] {
  return o.object.maps['counters'].get(0)
}

/** What the program says it did, to compare with what arrived. */
function account(o: EventsObject) {
  const perCpu = counters(o)
  const total = (field: keyof PerCpuCounters) => perCpu.reduce((sum, cpu) => sum + cpu[field], 0n)
  return {
    next: new Map(perCpu.flatMap(({ sent }, cpu) => (sent > 0n ? [[cpu, sent]] : []))),
    sent: Number(total('sent')),
    dropped: Number(total('dropped')),
  }
}

/** Two system calls for each byte, and those of starting up. */
const atLeast = 2 * BYTES * cpus().length

test('while all CPUs send, no event is torn, repeated or lost without being counted', async () => {
  using o = new EventsObject({ targetParent: process.pid })
  using _link = o.object.program('flood').attach()
  const ledger = new Ledger()
  const reader = o.events.open({ dropped: () => o.dropped, onDrop: () => undefined })
  const loop = (async () => {
    for await (const event of reader) ledger.note(event)
  })()
  await flood()
  for (const event of reader.read()) ledger.note(event)
  reader.close()
  await loop
  const { next, sent, dropped } = account(o)
  expect(ledger).toEqual({ next, events: sent, torn: 0, outOfOrder: 0 })
  expect(sent + dropped).toBeGreaterThan(atLeast)
  expect(Number(o.dropped)).toBe(dropped)
}, 120_000)

test('a small ring that overflows all the time still loses nothing without counting it', async () => {
  using o = new EventsObject({ targetParent: process.pid, ringBytes: 4096 })
  using _link = o.object.program('flood').attach()
  const ledger = new Ledger()
  const reader = o.events.open({ dropped: () => o.dropped, onDrop: () => undefined })
  const loop = (async () => {
    for await (const batch of reader.batches()) for (const event of batch) ledger.note(event)
  })()
  await flood()
  for (const event of reader.read()) ledger.note(event)
  reader.close()
  await loop
  const { next, sent, dropped } = account(o)
  expect(ledger).toEqual({ next, events: sent, torn: 0, outOfOrder: 0 })
  expect(sent + dropped).toBeGreaterThan(atLeast)
  expect(dropped).toBeGreaterThan(0)
  expect(Number(o.dropped)).toBe(dropped)
}, 120_000)
