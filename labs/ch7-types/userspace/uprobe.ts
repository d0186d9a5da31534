import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { uprobe as skeleton } from '../build/userspace/uprobe.skel.ts'
import type { Hook } from '../hook.ts'
import { octal, sighting, temporaryFolder, watch } from '../watch.ts'

export const uprobe: Hook = {
  name: 'uprobe',
  group: 'userspace',
  section: 'uprobe/FILE:FUNCTION',
  when: 'a process enters a function of a program or library',
  context: 'the CPU’s registers, with the arguments as plain numbers',
  returns: '0 keeps the event from perf, 1 does not',
  since: '4.3',
  sinceOnArm64: '4.10',
  config: 'CONFIG_UPROBES',
  show: () =>
    watch(skeleton, (watcher) => {
      using folder = temporaryFolder()
      const path = join(folder.path, 'new')
      const mkdir = () => mkdirSync(path, 0o750)
      return [
        sighting(watcher, `mkdir("${path}", 0750)`, mkdir, (seen) => ({
          path: seen.path,
          mode: octal(seen.mode),
        })),
      ]
    }),
}
