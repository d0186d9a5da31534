import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fmod_ret as skeleton } from '../build/tracing/fmod_ret.skel.ts'
import type { Hook } from '../hook.ts'
import { outcomeOf, sighting, temporaryFolder, watch } from '../watch.ts'

export const fmodRet: Hook = {
  name: 'fmod_ret',
  group: 'tracing',
  section: 'fmod_ret/FUNCTION',
  when: 'the kernel enters one of its functions that may be replaced',
  context: 'its arguments with their types',
  returns: '0 lets the function run, anything else is returned in its place',
  since: '5.7',
  sinceOnArm64: '6.4',
  show: () =>
    watch(skeleton, (watcher) => {
      using folder = temporaryFolder()
      return ['new', '.hidden'].map((name) =>
        sighting(
          watcher,
          `mkdir("${name}")`,
          () => outcomeOf(() => mkdirSync(join(folder.path, name))),
          (seen) => ({ ...seen }),
        ),
      )
    }),
}
