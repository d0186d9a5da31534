import { raw_tp as skeleton } from '../build/tracing/raw_tp.skel.ts'
import type { Hook } from '../hook.ts'
import { sighting, watch } from '../watch.ts'
import { signals } from './signals.ts'

export const rawTp: Hook = {
  name: 'raw_tp',
  group: 'tracing',
  section: 'raw_tp/NAME',
  when: 'the kernel comes by a tracepoint',
  context: 'the tracepoint’s arguments as plain numbers',
  returns: 'nothing',
  since: '4.17',
  show: () =>
    watch(skeleton, (watcher) =>
      signals.map(({ did, act }) => sighting(watcher, did, act, (seen) => ({ ...seen }))),
    ),
}
