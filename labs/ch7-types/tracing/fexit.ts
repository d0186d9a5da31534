import { fexit as skeleton } from '../build/tracing/fexit.skel.ts'
import type { Hook } from '../hook.ts'
import { sighting, watch } from '../watch.ts'
import { openings } from './openings.ts'

export const fexit: Hook = {
  name: 'fexit',
  group: 'tracing',
  section: 'fexit/FUNCTION',
  when: 'a function of the kernel returns',
  context: 'its arguments with their types, and its result',
  returns: 'must be 0, and does nothing',
  since: '5.5',
  sinceOnArm64: '6.4',
  show: () =>
    watch(skeleton, (watcher) =>
      openings.map(({ did, act }) =>
        sighting(watcher, did, act, ({ name, returned }) => ({ name, returned })),
      ),
    ),
}
