import { mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from '@ebpf-labs/harness'
import { expect } from 'vitest'
import { lackingOf } from '../lacking.ts'
import { outcomeOf, temporaryFolder } from '../watch.ts'
import { load, lsm } from './lsm.ts'

const lacks = lackingOf(lsm)
const mkdir = (path: string, mode: number) => outcomeOf(() => mkdirSync(path, mode))

test.skipIf(lacks !== '')(
  `an LSM program refuses one folder with EPERM, and sees name and mode of all${lacks}`,
  () => {
    using temporary = temporaryFolder()
    const folder = temporary.path
    using skel = load()
    {
      using links = skel.attach()
      expect(mkdir(join(folder, 'forbidden'), 0o750)).toBe('EPERM')
      expect(skel.data.bss).toMatchObject({ asked: 1, name: 'forbidden', mode: 0o750 })
      // Near, but different.
      expect(mkdir(join(folder, 'forbidden2'), 0o700)).toBe('done')
      expect(skel.data.bss).toMatchObject({ asked: 2, name: 'forbidden2', mode: 0o700 })
      expect(mkdir(join(folder, 'forbidde'), 0o711)).toBe('done')
      expect(skel.data.bss).toMatchObject({ asked: 3, name: 'forbidde', mode: 0o711 })
    }
    expect(mkdir(join(folder, 'forbidden'), 0o750)).toBe('done')
    expect(skel.data.bss.asked).toBe(3)
  },
)

test.skipIf(lacks !== '')(
  `an LSM program refuses nothing to others, and nothing but what its hook is about${lacks}`,
  async ({ exec }) => {
    using folder = temporaryFolder()
    using skel = load()
    using links = skel.attach()
    const path = join(folder.path, 'forbidden')
    expect(await exec(['mkdir', path])).toMatchObject({ code: 0, stderr: '' })
    expect(statSync(path).isDirectory()).toBe(true)
    rmSync(path, { recursive: true })
    expect(await exec(['touch', path])).toMatchObject({ code: 0 })
    expect(skel.data.bss.asked).toBe(0)
  },
)

test.skipIf(lacks !== '')(`the show of lsm tells what became of both${lacks}`, async () => {
  expect(await lsm.show()).toEqual([
    { did: 'mkdir("allowed", 0750)', saw: { name: 'allowed', mode: '0750' }, outcome: 'done' },
    { did: 'mkdir("forbidden", 0750)', saw: { name: 'forbidden', mode: '0750' }, outcome: 'EPERM' },
  ])
})
