import { readFileSync } from 'node:fs'
import type { RecordView } from './record-view.ts'
import { EventReader } from './event-reader.ts'
import type { ReaderOptions } from './event-reader.ts'
import { PerfRing } from './perf-ring.ts'
import type { PerfSink } from './perf-ring.ts'
import { watchFds } from './poller.ts'

/** How to read a perf event array. */
export interface PerfOptions extends ReaderOptions {
  /** Size of each CPU's buffer in pages, a power of two; 64 unless given. */
  pages?: number
  /** Samples on a CPU after which the reader is woken; more is cheaper and later. */
  wakeupEvents?: number
  /**
   * `time` sorts what is there when the reader looks by the kernel's clock, over all CPUs; events that
   * come later may still be older. `cpu` (the default) is cheaper: in order on each CPU only.
   */
  order?: 'cpu' | 'time'
}

/** An event of a perf buffer, or the number of events that found no room in it. */
export type PerfSample<E> =
  | {
      readonly cpu: number
      /** Nanoseconds on perf's clock, the same for all CPUs. */
      readonly time: bigint
      readonly event: E
      readonly lost: 0
    }
  | {
      readonly cpu: number
      readonly time: undefined
      readonly event: undefined
      readonly lost: number
    }

/** What a reader needs of the map. */
export interface PerfSource<E> {
  name: string
  decode: (record: RecordView) => E
  /** Tells the kernel which event a CPU writes to. */
  setEvent: (cpu: number, fd: number) => void
  /** Takes the event out of the map again. */
  clearEvent: (cpu: number) => void
  /** Number of entries in the map: CPUs beyond it have no buffer. */
  entries: number
  onClose: () => void
}

/** Reads the per-CPU buffers that `bpf_perf_event_output()` writes. */
export class PerfReader<E> extends EventReader<PerfSample<E>> {
  readonly #source: PerfSource<E>
  readonly #rings: readonly PerfRing[]
  readonly #byTime: boolean
  #lost = 0
  #first = 0

  constructor(source: PerfSource<E>, options: PerfOptions) {
    super(source.name, options)
    this.#source = source
    this.#byTime = options.order === 'time'
    using undo = new DisposableStack()
    const { pages = 64, wakeupEvents = 1 } = options
    const cpus = onlineCpus().filter((cpu) => cpu < source.entries)
    this.#rings = cpus.map((cpu) => undo.use(new PerfRing(cpu, source.name, pages, wakeupEvents)))
    for (const ring of this.#rings) source.setEvent(ring.cpu, ring.fd)
    this.start(
      watchFds(
        this.#rings.map(({ fd }) => fd),
        source.name,
      ),
    )
    undo.move()
  }

  /** Events lost so far; each loss also comes as an event with `lost`. */
  get lost(): number {
    return this.#lost
  }

  /** Bytes that wait, on all CPUs. */
  get pending(): number {
    return this.#rings.reduce((sum, ring) => sum + ring.pending, 0)
  }

  protected override readInto(out: PerfSample<E>[], limit: number): void {
    const { decode } = this.#source
    const sink: PerfSink = {
      sample: (cpu, time, record) => out.push({ cpu, time, event: decode(record), lost: 0 }),
      lost: (cpu, lost) => {
        this.#lost += lost
        out.push({ cpu, time: undefined, event: undefined, lost })
      },
    }
    const before = out.length
    // Another CPU begins each time, so that a busy one does not keep the others waiting.
    const { length } = this.#rings
    this.#first = (this.#first + 1) % Math.max(1, length)
    for (let i = 0; i < length && out.length - before < limit; i += 1) {
      this.#rings[(this.#first + i) % length]!.consume(sink, limit - (out.length - before))
    }
    if (this.#byTime) sortByTime(out, before)
  }

  protected override release(): void {
    for (const ring of this.#rings) {
      this.#source.clearEvent(ring.cpu)
      ring.close()
    }
    this.#source.onClose()
  }
}

/** Sorts what came from `from` on; a loss stays behind the events that came before it on its CPU. */
function sortByTime<E>(events: PerfSample<E>[], from: number): void {
  const keyed: { at: bigint; event: PerfSample<E> }[] = []
  let last = 0n
  for (const event of events.splice(from)) {
    last = event.time ?? last
    keyed.push({ at: last, event })
  }
  keyed.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
  events.push(...keyed.map(({ event }) => event))
}

/** CPUs that are running (/sys/devices/system/cpu/online: `0-3,5`). */
export function onlineCpus(): number[] {
  const list = readFileSync('/sys/devices/system/cpu/online', 'utf8').trim()
  return list.split(',').flatMap((range) => {
    const [from = 0, to = from] = range.split('-').map(Number)
    return Array.from({ length: to - from + 1 }, (_, i) => from + i)
  })
}
