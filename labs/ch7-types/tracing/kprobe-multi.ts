import { mkdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { kprobe_multi as skeleton } from '../build/tracing/kprobe-multi.skel.ts'
import type { Hook } from '../hook.ts'
import { sighting, temporaryFolder, watch } from '../watch.ts'

export const kprobeMulti: Hook = {
  name: 'kprobe-multi',
  group: 'tracing',
  section: 'kprobe.multi/PATTERN',
  when: 'the kernel enters one of many functions, attached all at once',
  context: 'the CPU’s registers, and which function it is',
  returns: 'nothing',
  since: '5.18',
  sinceOnArm64: '6.14',
  config: 'CONFIG_FPROBE',
  show: () =>
    watch(skeleton, (watcher) => {
      using folder = temporaryFolder()
      const path = join(folder.path, 'new')
      const acts = { mkdir: () => mkdirSync(path), rmdir: () => rmdirSync(path) }
      return Object.entries(acts).map(([name, act]) =>
        sighting(watcher, `${name}("new")`, act, (seen) => ({ ...seen })),
      )
    }),
}
