import { execFileSync } from 'node:child_process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { compileBpf } from '../test/compile.ts'
import type { Codec } from '../src/codec/codec.ts'
import type { PerfEventArray } from '../src/events/perf-event-array.ts'
import type { RingBufMap } from '../src/events/ring-buf-map.ts'
import type { HashMap } from '../src/maps/kinds/hash-map.ts'
import type { BpfObject } from '../src/object/bpf-object.ts'

/** `struct event` of test/bpf/bench.bpf.c. */
export interface BenchEvent {
  pid: number
  time: bigint
  comm: string
}

/** What the skeleton of bench.bpf.o offers. */
export interface BenchShape {
  maps: {
    counts: HashMap<number, bigint>
    events: RingBufMap<BenchEvent>
    perf: PerfEventArray
  }
  programs: 'fill_ring' | 'fill_perf' | 'count'
  data: { bss: { dropped: bigint; hits: bigint } }
}

/** The generated skeleton: what users of bpf2ts run. */
export interface BenchSkeleton {
  event: Codec<BenchEvent>
  bench: { open(): { load(): BpfObject<BenchShape> } & Disposable }
}

export const benchObject = compileBpf('bench.bpf.c')
export const basicObject = compileBpf('basic.bpf.c')

/** Runs bpf2ts on bench.bpf.o and imports what it made. */
export async function importSkeleton(): Promise<BenchSkeleton> {
  const bpf2ts = fileURLToPath(new URL('../bin/bpf2ts.ts', import.meta.url))
  const file = benchObject.replace(/\.bpf\.o$/, '.skel.ts')
  execFileSync(process.execPath, [bpf2ts, benchObject, '-o', file])
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- generated a moment ago
  return (await import(pathToFileURL(file).href)) as BenchSkeleton
}

/** Runs a program with two arguments, on the CPU that this thread is on. */
export function run(
  object: BpfObject<BenchShape>,
  program: BenchShape['programs'],
  n: number,
  flags = 0n,
): void {
  const ctx = new Uint8Array(new BigUint64Array([BigInt(n), flags]).buffer)
  object.programs[program].testRun({ ctx })
}
