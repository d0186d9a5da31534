import { perf_event as skeleton } from '../build/tracing/perf_event.skel.ts'
import type { Hook } from '../hook.ts'
import { sighting } from '../watch.ts'

export const perfEvent: Hook = {
  name: 'perf_event',
  group: 'tracing',
  section: 'perf_event',
  when: 'a hardware or software event has happened so many times',
  context: 'the registers of what was interrupted, and how often that is done',
  returns: '0 keeps the sample from perf, 1 does not',
  since: '4.9',
  config: 'CONFIG_PERF_EVENTS',
  show() {
    using skel = skeleton.open().load()
    // One sample for each millisecond that this thread is on a CPU.
    using link = skel.programs.on_sample.attachPerfEvent({ pid: process.pid, period: 1_000_000 })
    return [
      sighting(
        skel,
        'computed for 50 ms',
        () => compute(50),
        ({ period, address }) => ({
          samples: skel.data.bss.hits,
          period,
          address: `0x${address.toString(16)}`,
        }),
      ),
    ]
  },
}

/** Keeps the CPU busy. */
export function compute(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}
