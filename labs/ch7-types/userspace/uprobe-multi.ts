import { mkdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { uprobe_multi as skeleton } from '../build/userspace/uprobe-multi.skel.ts'
import type { Hook } from '../hook.ts'
import { sighting, temporaryFolder, watch } from '../watch.ts'

export const uprobeMulti: Hook = {
  name: 'uprobe-multi',
  group: 'userspace',
  section: 'uprobe.multi/FILE:PATTERN',
  when: 'a process enters one of many functions, attached all at once',
  context: 'the CPU’s registers, and the cookie of the function',
  returns: 'nothing',
  since: '6.6',
  config: 'CONFIG_UPROBES',
  show: () =>
    watch(
      skeleton,
      (watcher) => {
        using folder = temporaryFolder()
        const path = join(folder.path, 'new')
        const acts = { mkdir: () => mkdirSync(path), rmdir: () => rmdirSync(path) }
        return Object.entries(acts).map(([name, act]) =>
          sighting(watcher, `${name}("${path}")`, act, (seen) => ({ ...seen })),
        )
      },
      attach,
    ),
}

/** Attaches the program to two functions of the C library, each with a cookie of its own. */
export const attach = ({ programs }: Loaded) =>
  programs.on_folder.attachUprobeMulti('libc.so.6', ['mkdir', 'rmdir'], { cookies: [1n, 2n] })

type Loaded = ReturnType<ReturnType<typeof skeleton.open>['load']>
