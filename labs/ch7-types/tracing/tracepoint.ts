import { tracepoint as skeleton } from '../build/tracing/tracepoint.skel.ts'
import type { Hook } from '../hook.ts'
import { sighting, watch } from '../watch.ts'
import { signals } from './signals.ts'

export const tracepoint: Hook = {
  name: 'tracepoint',
  group: 'tracing',
  section: 'tracepoint/CATEGORY/NAME',
  when: 'the kernel comes by a tracepoint',
  context: 'a record of the fields in the tracepoint’s format file',
  returns: '0 keeps the event from perf, 1 does not',
  since: '4.7',
  show: () =>
    watch(skeleton, (watcher) =>
      signals.map(({ did, act }) => sighting(watcher, did, act, (seen) => ({ ...seen }))),
    ),
}
