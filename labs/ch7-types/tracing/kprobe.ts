import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { kprobe as skeleton } from '../build/tracing/kprobe.skel.ts'
import type { Hook } from '../hook.ts'
import { octal, sighting, temporaryFolder, watch } from '../watch.ts'

export const kprobe: Hook = {
  name: 'kprobe',
  group: 'tracing',
  section: 'kprobe/FUNCTION',
  when: 'the kernel enters one of its functions',
  context: 'the CPU’s registers, with the arguments as plain numbers',
  returns: '0 keeps the event from perf, 1 does not',
  since: '4.1',
  sinceOnArm64: '4.8',
  config: 'CONFIG_KPROBES',
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
