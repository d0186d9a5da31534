import { tp_btf as skeleton } from '../build/tracing/tp_btf.skel.ts'
import type { Hook } from '../hook.ts'
import { sighting, watch } from '../watch.ts'
import { signals } from './signals.ts'

export const tpBtf: Hook = {
  name: 'tp_btf',
  group: 'tracing',
  section: 'tp_btf/NAME',
  when: 'the kernel comes by a tracepoint',
  context: 'the tracepoint’s arguments with their types',
  returns: 'nothing',
  since: '5.5',
  show: () =>
    watch(skeleton, (watcher) =>
      signals.map(({ did, act }) => sighting(watcher, did, act, (seen) => ({ ...seen }))),
    ),
}
