import { spawnSync } from 'node:child_process'
import { usdt as skeleton } from '../build/userspace/usdt.skel.ts'
import type { Hook } from '../hook.ts'
import { sighting } from '../watch.ts'
import { compileOven } from './oven.ts'

export const usdt: Hook = {
  name: 'usdt',
  group: 'userspace',
  section: 'usdt/FILE:PROVIDER:NAME',
  when: 'a process comes by a probe that its program’s author put there',
  context: 'the probe’s arguments, as plain numbers',
  returns: '0 keeps the event from perf, 1 does not',
  since: '4.3',
  sinceOnArm64: '4.10',
  config: 'CONFIG_UPROBES',
  show() {
    const oven = compileOven()
    using skel = skeleton.open().load()
    using link = skel.programs.on_baked.attachUsdt(oven, 'oven', 'baked')
    const run = (...words: string[]) =>
      sighting(
        skel,
        ['oven', ...words].join(' '),
        () => spawnSync(oven, words),
        (seen) => ({ ...seen }),
      )
    return [run('180', '45'), run()]
  },
}
