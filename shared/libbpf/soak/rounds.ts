import { readdirSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import type { RingBufReader } from '../src/events/ring-buf-reader.ts'

import { BpfObject } from '../src/object/bpf-object.ts'
import { benchObject, run } from '../bench/objects.ts'
import type { BenchEvent, BenchShape, BenchSkeleton } from '../bench/objects.ts'

/** What must stay flat. */
export interface Usage {
  /** Bytes of memory that are resident. */
  readonly rss: number
  /** Bytes of JavaScript's heap that are in use. */
  readonly heap: number
  /** Open file descriptors. */
  readonly fds: number
}

/** What the process holds now, without what the garbage collector would take. */
export function usage(): Usage {
  globalThis.gc?.()
  const { rss, heapUsed: heap } = process.memoryUsage()
  return { rss, heap, fds: readdirSync('/proc/self/fd').length }
}

/** Opens, loads, attaches, uses and closes an object `rounds` times. */
export async function openLoadAttachClose(
  rounds: number,
  progress: (done: number) => void,
): Promise<void> {
  const path = benchObject()
  for (let i = 1; i <= rounds; i += 1) {
    openLoadAttachCloseOnce(path, i)
    progress(i)
    // What native code holds on to is let go of between turns of the event loop.
    if (i % 10 === 0) await setImmediate()
  }
}

function openLoadAttachCloseOnce(path: string, i: number): void {
  using spec = BpfObject.open<BenchShape>(path)
  spec.maps.events.maxEntries = 4096 // 32 MiB, as for the benchmark, would be all that takes time
  using object = spec.load()
  using _link = object.program('count').attach()
  object.maps.counts.set(1, BigInt(i))
  if (object.maps.counts.get(1) !== BigInt(i)) throw new Error('a value got lost')
  using reader = object.maps.events.open()
  run(object, 'fill_ring', 3)
  const received = reader.read().length
  if (received !== 3) throw new Error(`round ${i}: ${received} events of 3`)
}

/** Sends and receives `events` events, in turn: decoded one by one, in batches and in place. */
export async function ringEvents(
  skeleton: BenchSkeleton,
  events: number,
  progress: (done: number) => void,
): Promise<void> {
  using spec = skeleton.bench.open()
  using object = spec.load()
  const atOnce = 500_000
  let done = 0
  for (let turn = 0; done < events; turn += 1) {
    const count = Math.min(atOnce, events - done)
    await sendAndReceive(object, readers[turn % readers.length]!, count)
    done += count
    progress(done)
  }
}

async function sendAndReceive(
  object: BpfObject<BenchShape>,
  read: Read,
  count: number,
): Promise<void> {
  using reader = object.maps.events.open({ dropped: () => object.data.bss.dropped })
  run(object, 'fill_ring', count)
  const received = await read(reader, count)
  if (received !== count) throw new Error(`${received} events of ${count}`)
  if (reader.dropped !== 0) throw new Error(`${reader.dropped} events dropped`)
}

type Reader = RingBufReader<BenchEvent>

const check = ({ pid, comm }: BenchEvent, expected: number): void => {
  if (pid !== expected || comm === '') throw new Error(`event ${expected} is ${pid} ${comm}`)
}

type Read = (reader: Reader, count: number) => number | Promise<number>

const readers: readonly Read[] = [
  async (reader, count) => {
    let n = 0
    for await (const event of reader) {
      check(event, n)
      n += 1
      if (n === count) break
    }
    return n
  },
  async (reader, count) => {
    let n = 0
    for await (const batch of reader.batches()) {
      for (const event of batch) {
        check(event, n)
        n += 1
      }
      if (n === count) break
    }
    return n
  },
  (reader) => {
    let n = 0
    reader.consume((record) => {
      if (record.u32(0) !== n) throw new Error(`event ${n} is ${record.u32(0)}`)
      n += 1
    })
    return n
  },
]
