/** What the tests of ring and perf buffers share: the object events.bpf.c and ways to make it send. */
import { PerfEventArray } from '../src/events/perf-event-array.ts'
import { RingBufMap } from '../src/events/ring-buf-map.ts'
import { UserRingBufMap } from '../src/events/user-ring-buf-map.ts'
import { BpfObject } from '../src/object/bpf-object.ts'
import { compileBpf } from './compile.ts'

/** `struct event` of events.bpf.c. */
export interface TestEvent {
  cpu: number
  tag: number
  seq: bigint
  check: bigint
  comm: string
}

/** What `check` is for a sequence number, unless the event is torn. */
export const checkOf = (seq: bigint): bigint => seq ^ 0x5bd1e995n

/** BPF_RB_NO_WAKEUP */
export const NO_WAKEUP = 1n

/** The loaded object, with its maps as what they are. */
export class EventsObject implements Disposable {
  readonly object: BpfObject
  readonly events: RingBufMap<TestEvent>
  readonly untyped: RingBufMap
  readonly perf: PerfEventArray
  readonly commands: UserRingBufMap<bigint>

  constructor(options: { targetParent?: number; ringBytes?: number } = {}) {
    using spec = BpfObject.open(compileBpf('events.bpf.c'))
    spec.data['rodata']!['target_parent'] = options.targetParent ?? 0
    if (options.ringBytes !== undefined) spec.map('events').maxEntries = options.ringBytes
    this.object = spec.load()
    const { events, untyped, perf, commands } = this.object.maps
    this.events = events
    this.untyped = untyped
    this.perf = perf
    this.commands = commands
  }

  /** Sends `count` events with tags from `tag` on. */
  emit(count: number, tag = 0, flags = 0n): void {
    const ctx = args(count, tag, flags)
    const { retval } = this.object.program('emit').testRun({ ctx })
    if (retval !== 0) throw new Error(`emit(${count}, ${tag}) returned ${retval}`)
  }

  /** Sends one untyped record of 4 or 100 bytes. */
  emitBytes(size: number, value: number, discard = false): void {
    const ctx = args(size, value, discard ? 1n : 0n)
    this.object.program('emit_bytes').testRun({ ctx })
  }

  /** Sends `count` events through the perf buffer of a CPU. */
  emitPerf(count: number, tag: number, cpu: number): void {
    const ctx = new Uint8Array(new BigUint64Array([BigInt(count), BigInt(tag)]).buffer)
    // BPF_F_TEST_RUN_ON_CPU
    this.object.program('emit_perf').testRun({ ctx, cpu, flags: 1 })
  }

  /** Lets the program take what is in the user ring buffer; the number of samples. */
  drain(): number {
    return this.object.program('drain').testRun().retval
  }

  /** Events that found no room. */
  get dropped(): bigint {
    return this.bss('dropped')
  }

  bss(name: string): bigint {
    return BigInt(this.object.data['bss']![name])
  }

  [Symbol.dispose](): void {
    this.object.close()
  }
}

/** struct emit_args */
function args(count: number, tag: number, flags: bigint): Uint8Array {
  const view = new DataView(new ArrayBuffer(16))
  view.setUint32(0, count, true)
  view.setUint32(4, tag, true)
  view.setBigUint64(8, flags, true)
  return new Uint8Array(view.buffer)
}
