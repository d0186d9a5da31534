import { closeSync, openSync } from 'node:fs'
import { ksyscall as skeleton } from '../build/tracing/ksyscall.skel.ts'
import type { Hook } from '../hook.ts'
import { outcomeOf, sighting, watch } from '../watch.ts'

export const ksyscall: Hook = {
  name: 'ksyscall',
  group: 'tracing',
  section: 'ksyscall/NAME',
  when: 'a process makes a system call',
  context: 'the CPU’s registers, with the arguments as the process passed them',
  returns: '0 keeps the event from perf, 1 does not',
  since: '4.1',
  sinceOnArm64: '4.8',
  config: 'CONFIG_KPROBES',
  show: () =>
    watch(skeleton, (watcher) =>
      ['/proc/version', '/no/such/file'].map((path) =>
        sighting(
          watcher,
          `open("${path}")`,
          () => outcomeOf(() => closeSync(openSync(path, 'r'))),
          (seen) => ({ ...seen }),
        ),
      ),
    ),
}
