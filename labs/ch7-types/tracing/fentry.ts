import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fentry as skeleton } from '../build/tracing/fentry.skel.ts'
import type { Hook } from '../hook.ts'
import { octal, sighting, temporaryFolder, watch } from '../watch.ts'

export const fentry: Hook = {
  name: 'fentry',
  group: 'tracing',
  section: 'fentry/FUNCTION',
  when: 'the kernel enters one of its functions',
  context: 'its arguments with their types',
  returns: 'must be 0, and does nothing',
  since: '5.5',
  sinceOnArm64: '6.4',
  show: () =>
    watch(skeleton, (watcher) => {
      using folder = temporaryFolder()
      const mkdir = () => mkdirSync(join(folder.path, 'new'), 0o750)
      return [
        sighting(watcher, 'mkdir("new", 0750)', mkdir, ({ parent, name, mode }) => ({
          name,
          mode: octal(mode),
          parentInode: parent,
        })),
      ]
    }),
}
