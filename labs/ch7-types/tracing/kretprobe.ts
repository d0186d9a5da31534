import { kretprobe as skeleton } from '../build/tracing/kretprobe.skel.ts'
import type { Hook } from '../hook.ts'
import { sighting, watch } from '../watch.ts'
import { openings } from './openings.ts'

export const kretprobe: Hook = {
  name: 'kretprobe',
  group: 'tracing',
  section: 'kretprobe/FUNCTION',
  when: 'a function of the kernel returns',
  context: 'the CPU’s registers, with the result as a plain number',
  returns: '0 keeps the event from perf, 1 does not',
  since: '4.1',
  sinceOnArm64: '4.8',
  config: 'CONFIG_KPROBES',
  show: () =>
    watch(skeleton, (watcher) =>
      openings.map(({ did, act }) => sighting(watcher, did, act, ({ returned }) => ({ returned }))),
    ),
}
