import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lsm as skeleton } from '../build/security/lsm.skel.ts'
import type { Hook } from '../hook.ts'

export const lsm: Hook = {
  name: 'lsm',
  group: 'security',
  section: 'lsm/HOOK',
  when: 'the kernel asks its security modules whether something may be done',
  context: 'the hook’s arguments, and what was said before',
  returns: '0 lets it pass, a negative error number refuses it',
  since: '5.7',
  show() {
    const folder = mkdtempSync(join(tmpdir(), 'lsm-'))
    try {
      using skel = load()
      using links = skel.attach()
      return ['allowed', 'forbidden'].map((entry) => {
        const outcome = mkdir(join(folder, entry), 0o750)
        const { name, mode } = skel.data.bss
        return { did: `mkdir("${entry}", 0750)`, saw: { name, mode: octal(mode) }, outcome }
      })
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}

/** The program, which looks at nobody but this process. */
export function load() {
  using spec = skeleton.open()
  spec.data.rodata.only_pid = process.pid
  return spec.load()
}

/** @returns what came of it: `done`, or the name of the error */
export function mkdir(path: string, mode: number): string {
  try {
    mkdirSync(path, mode)
    return 'done'
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}

const octal = (mode: number) => `0${mode.toString(8)}`
