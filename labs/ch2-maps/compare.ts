import { readlinkSync } from 'node:fs'
import { side_by_side } from './build/side-by-side.skel.ts'
import { wakeups as wakeupsProgram } from './build/wakeups.skel.ts'
import { allowedCpus, moveTo, ring, threadId } from './doorbell.ts'

/** How one of the two buffers did. */
export interface Side {
  name: string
  sent: number
  /** What the program was told could not be sent. */
  lost: number
  /** Sequence numbers in the order in which they were read. */
  order: number[]
  inOrder: boolean
  /** The CPU that each event came from. */
  from: number[]
  /** How often the kernel woke whoever waits for the buffer. */
  wakeups: number
}

/**
 * Sends events from one CPU after the other through both buffers while nobody reads, and only then reads.
 * @param events how many
 */
export function compare(events: number): { cpus: number; perf: Side; ring: Side } {
  const cpus = allowedCpus()
  using spec = side_by_side.open()
  spec.data.rodata.ringer = threadId()
  using skel = spec.load()
  using perf = skel.maps.perf.open({ pages: 1 })
  using ringBuffer = skel.maps.ring.open()
  using watcher = wakeupsProgram.open()
  watcher.data.rodata.target_thread = threadId()
  using watching = watcher.load()
  using watchingLinks = watching.attach()
  {
    using links = skel.attach()
    sendFromAll(cpus, events)
  }
  const counts = [...watching.maps.wakeups]
  const wakeupsOf = (kind: string) =>
    counts.filter(([fd]) => kindOf(fd) === kind).reduce((sum, [, times]) => sum + Number(times), 0)
  const { perf_sent, perf_lost, ring_sent, ring_lost } = skel.data.bss
  const fromPerf = perf.read().flatMap(({ event }) => (event === undefined ? [] : [event]))
  return {
    cpus: cpus.length,
    perf: side('perf buffer', fromPerf, perf_sent, perf_lost, wakeupsOf('[perf_event]')),
    ring: side('ring buffer', ringBuffer.read(), ring_sent, ring_lost, wakeupsOf('bpf-map')),
  }
}

/** A third each from the first CPU, the second one, and the first one again, without a return to the event loop: nobody reads. */
function sendFromAll(cpus: readonly number[], events: number): void {
  const [first = 0, second = first] = cpus
  for (const [turn, cpu] of [first, second, first].entries()) {
    if (first !== second) moveTo(cpu)
    const [from, to] = [turn, turn + 1].map((thirds) => Math.floor((events * thirds) / 3))
    for (let n = from ?? 0; n < (to ?? 0); n++) ring(process.pid)
  }
  if (first !== second) moveTo(...cpus)
}

function side(
  name: string,
  read: readonly { sequence: number; cpu: number }[],
  sent: number,
  lost: number,
  wakeups: number,
): Side {
  const order = read.map(({ sequence }) => sequence)
  const inOrder = order.every((sequence, n) => n === 0 || sequence > (order[n - 1] ?? 0))
  return {
    name,
    sent,
    lost,
    order,
    inOrder,
    from: read.map(({ cpu }) => cpu),
    wakeups,
  }
}

/**
 * What a file descriptor of this process is: `bpf-map`, `[perf_event]`; nothing if it has none of that number. An interrupt
 * of our thread may wake another process, whose numbers are its own.
 */
function kindOf(fd: number): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).replace('anon_inode:', '')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  }
}
