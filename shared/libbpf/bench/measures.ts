import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Btf } from '../src/btf/btf.ts'
import { u32, u64AsNumber } from '../src/codec/scalars.ts'
import type { RecordView } from '../src/events/record-view.ts'
import type { RingBufReader } from '../src/events/ring-buf-reader.ts'
import { openMapById } from '../src/maps/open.ts'
import { HashMap } from '../src/maps/kinds/hash-map.ts'
import { BpfObject } from '../src/object/bpf-object.ts'
import { basicObject, run } from './objects.ts'
import type { BenchEvent, BenchShape, BenchSkeleton } from './objects.ts'

// As in baseline.c.
const ENTRIES = 10_000
const OPS = 5000
const RING_EVENTS = 500_000
const PERF_EVENTS = 20_000
const PERF_PAGES = 512
const NO_WAKEUP = 1n

/** One thing that is measured, beside what C does for the same end. */
export interface Measure {
  readonly name: string
  /** The measure of baseline.c it is compared with. */
  readonly baseline?: string
  /** `/s` is operations per second; `ms` milliseconds, of which fewer are better. */
  readonly unit: '/s' | 'ms'
  /**
   * What libbpf.md asks for, as ratio to C: its table gives cilium/ebpf and C on one machine.
   * For `ms` without a baseline, the milliseconds.
   */
  readonly target?: number
  /** One round. */
  readonly run: () => number | Promise<number>
}

// cilium/ebpf ÷ C, both from the table "Speed" in the design: 445k/613k, 381k/547k, 2 × 29.5M/274M, …
const LOOKUP = 0.73
const UPDATE = 0.7
// cilium's 2.73M/s are 4.45 × C's single lookups there, which are 0.16 × C's batch here.
const BATCH = 0.71
const IN_PLACE = 0.215
const DECODED = 0.108

/** What is measured, without being ready to run it. */
export function listMeasures(skeleton: BenchSkeleton): Measure[] {
  using owner = new DisposableStack()
  return measures(skeleton, owner)
}

/**
 * Everything that is measured, on one loaded object.
 *
 * @param owner closes the object in the end
 */
export function measures(skeleton: BenchSkeleton, owner: DisposableStack): Measure[] {
  const object = owner.use(loadBench(skeleton))
  return [
    ...mapMeasures(object, owner),
    ...ringMeasures(object, skeleton),
    perfMeasure(object, skeleton),
    ...startMeasures(),
  ]
}

function loadBench(skeleton: BenchSkeleton): BpfObject<BenchShape> {
  using spec = skeleton.bench.open()
  const object = spec.load()
  object.maps.counts.writeBatch(Array.from({ length: ENTRIES }, (_, i) => [i, BigInt(i)] as const))
  return object
}

function perSecond(operations: number, work: () => void): number {
  const start = performance.now()
  work()
  return (operations * 1000) / (performance.now() - start)
}

function mapMeasures(
  { maps: { counts } }: BpfObject<BenchShape>,
  owner: DisposableStack,
): Measure[] {
  const numbers = owner.use(openMapById(counts.id, { key: u32, value: u64AsNumber }))
  if (!(numbers instanceof HashMap)) throw new Error('counts is no hash map')
  const key = new Uint32Array(1)
  const keyBytes = new Uint8Array(key.buffer)
  const valueBytes = new Uint8Array(8)
  const entries = counts.readBatch()
  const each = (operation: (key: number) => void) => () =>
    perSecond(OPS, () => {
      for (let i = 0; i < OPS; i += 1) operation(i % ENTRIES)
    })
  const raw = (operation: () => void) =>
    each((i) => {
      key[0] = i
      operation()
    })
  const rounds = (work: () => void) => () => perSecond(ENTRIES, work)
  const lookup = { baseline: 'lookup', unit: '/s', target: LOOKUP } as const
  const update = { baseline: 'update', unit: '/s', target: UPDATE } as const
  const batchRead = { baseline: 'batch-read', unit: '/s', target: BATCH } as const
  return [
    { name: 'lookup, bigint', ...lookup, run: each((i) => counts.get(i)) },
    { name: 'lookup, number', ...lookup, run: each((i) => numbers.get(i)) },
    { name: 'lookup, raw bytes', ...lookup, run: raw(() => counts.getInto(keyBytes, valueBytes)) },
    { name: 'update', ...update, run: each((i) => counts.set(i, 23n)) },
    { name: 'update, raw bytes', ...update, run: raw(() => counts.setBytes(keyBytes, valueBytes)) },
    { name: 'batch read, decoded', ...batchRead, run: rounds(() => counts.readBatch()) },
    {
      name: 'batch read, raw bytes',
      ...batchRead,
      run: rounds(() => Array.from(counts.batches(), ({ length }) => length)),
    },
    {
      name: 'batch write',
      baseline: 'batch-write',
      unit: '/s',
      run: rounds(() => counts.writeBatch(entries)),
    },
    {
      name: 'iteration, for…of',
      baseline: 'iterate',
      unit: '/s',
      run: rounds(() => {
        let sum = 0n
        for (const [, value] of counts) sum += value
      }),
    },
  ]
}

function ringMeasures(object: BpfObject<BenchShape>, { event }: BenchSkeleton): Measure[] {
  const { events } = object.maps
  const timed = async (
    read: (reader: RingBufReader<BenchEvent>) => number | Promise<number>,
  ): Promise<number> => {
    // Mapping 64 MiB is no part of reading them; C has its ring open all the time too.
    using reader = events.open()
    run(object, 'fill_ring', RING_EVENTS, NO_WAKEUP)
    const start = performance.now()
    const count = await read(reader)
    const took = performance.now() - start
    if (count !== RING_EVENTS) throw new Error(`${count} events of ${RING_EVENTS}`)
    return (count * 1000) / took
  }
  const reading = { unit: '/s' } as const
  let pid = 0
  let time = 0n
  return [
    {
      name: 'ring buffer, in place',
      baseline: 'ring-in-place',
      target: IN_PLACE,
      ...reading,
      run: () =>
        timed((reader) =>
          reader.consume((record) => {
            pid ^= record.u32(0)
          }),
        ),
    },
    {
      name: 'ring buffer, decoded',
      baseline: 'ring-copied',
      target: DECODED,
      ...reading,
      run: () =>
        timed((reader) =>
          reader.consume((record) => {
            const decoded = record.decode(event)
            pid ^= decoded.pid
            time = decoded.time
          }),
        ),
    },
    {
      name: 'ring buffer, for await of batches()',
      baseline: 'ring-copied',
      ...reading,
      run: () =>
        timed(async (reader) => {
          let count = 0
          for await (const batch of reader.batches()) {
            for (const { pid: of } of batch) pid ^= of
            count += batch.length
            if (count === RING_EVENTS) break
          }
          return count
        }),
    },
    {
      name: 'ring buffer, for await',
      baseline: 'ring-copied',
      ...reading,
      run: () =>
        timed(async (reader) => {
          let count = 0
          for await (const { time: of } of reader) {
            time = of
            count += 1
            if (count === RING_EVENTS) break
          }
          return count + Number(time & 0n)
        }),
    },
  ]
}

function perfMeasure(object: BpfObject<BenchShape>, { event }: BenchSkeleton): Measure {
  const { perf } = object.maps
  return {
    name: 'perf buffer, decoded',
    baseline: 'perf',
    unit: '/s',
    run: () => {
      using reader = perf.open({
        pages: PERF_PAGES,
        decode: (record: RecordView) => record.decode(event),
      })
      run(object, 'fill_perf', PERF_EVENTS)
      let count = 0
      const rate = perSecond(PERF_EVENTS, () => {
        count = reader.read().length
      })
      if (count !== PERF_EVENTS || reader.lost > 0) throw new Error(`${count} of ${PERF_EVENTS}`)
      return rate
    },
  }
}

function milliseconds(work: () => void): number {
  const start = performance.now()
  work()
  return performance.now() - start
}

function startMeasures(): Measure[] {
  const node = (code: string) => () =>
    milliseconds(() => {
      execFileSync(process.execPath, ['--input-type=module', '--eval', code])
    })
  const entry = new URL('../src/index.ts', import.meta.url).href
  const bare = node('')
  const importing = node(`import ${JSON.stringify(entry)}`)
  return [
    {
      name: 'kernel BTF: parse, find one struct',
      baseline: 'kernel-btf',
      unit: 'ms',
      target: 62,
      run: () =>
        milliseconds(() => {
          const btf = Btf.parse(readFileSync('/sys/kernel/btf/vmlinux'))
          if (!btf.find('task_struct', 'struct')) throw new Error('no task_struct')
        }),
    },
    {
      name: 'open and load an object',
      baseline: 'open-load',
      unit: 'ms',
      run: () => {
        const path = basicObject()
        const start = performance.now()
        using spec = BpfObject.open(path)
        using _object = spec.load()
        return performance.now() - start
      },
    },
    {
      name: 'import of the package, added to Node’s start',
      unit: 'ms',
      target: 150,
      run: () => importing() - bare(),
    },
  ]
}
