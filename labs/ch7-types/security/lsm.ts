import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { lsm as skeleton } from '../build/security/lsm.skel.ts'
import type { Hook } from '../hook.ts'
import { octal, outcomeOf, temporaryFolder } from '../watch.ts'

export const lsm: Hook = {
  name: 'lsm',
  group: 'security',
  section: 'lsm/HOOK',
  when: 'the kernel asks its security modules whether something may be done',
  context: 'the hook’s arguments, and what was said before',
  returns: '0 lets it pass, a negative error number refuses it',
  since: '5.7',
  sinceOnArm64: '6.4',
  show() {
    using folder = temporaryFolder()
    using skel = load()
    using links = skel.attach()
    return ['allowed', 'forbidden'].map((entry) => {
      const outcome = outcomeOf(() => mkdirSync(join(folder.path, entry), 0o750))
      const { name, mode } = skel.data.bss
      return { did: `mkdir("${entry}", 0750)`, saw: { name, mode: octal(mode) }, outcome }
    })
  },
}

/** The program, which looks at nobody but this process. */
export function load() {
  using spec = skeleton.open()
  spec.data.rodata.only_pid = process.pid
  return spec.load()
}
