import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { uretprobe as skeleton } from '../build/userspace/uretprobe.skel.ts'
import type { Hook } from '../hook.ts'
import { outcomeOf, sighting, temporaryFolder, watch } from '../watch.ts'

export const uretprobe: Hook = {
  name: 'uretprobe',
  group: 'userspace',
  section: 'uretprobe/FILE:FUNCTION',
  when: 'a function of a program or library returns',
  context: 'the CPU’s registers, with the result as a plain number',
  returns: '0 keeps the event from perf, 1 does not',
  since: '4.3',
  sinceOnArm64: '4.10',
  config: 'CONFIG_UPROBES',
  show: () =>
    watch(skeleton, (watcher) => {
      using folder = temporaryFolder()
      const mkdir = () => outcomeOf(() => mkdirSync(join(folder.path, 'new')))
      return ['mkdir("new")', 'mkdir("new") once more'].map((did) =>
        sighting(watcher, did, mkdir, ({ returned }) => ({ returned })),
      )
    }),
}
