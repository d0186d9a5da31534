import { existsSync, readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { Cgroup } from './cgroup.ts'
import { LeakGuard } from './leaks/leak-guard.ts'
import { test } from './test.ts'

const own = () => readFileSync('/proc/self/cgroup', 'utf8')

test('the process is in its cgroup for as long as the action takes, also when that fails', () => {
  const home = own()
  using cgroup = Cgroup.make()
  const name = cgroup.path.split('/').at(-1)
  expect(cgroup.inside(own)).toMatch(new RegExp(`^0::/.*${name}$`, 'm'))
  expect(own()).toBe(home)
  const fail = () => {
    throw new Error('inside')
  }
  expect(() => cgroup.inside(fail)).toThrow('inside')
  expect(() => cgroup.inside(async () => own())).toThrow(TypeError)
  expect(own()).toBe(home)
})

test('it is gone when it was disposed of', () => {
  const cgroup = Cgroup.make()
  expect(cgroup.id).toBeGreaterThan(1n)
  cgroup[Symbol.dispose]()
  expect(existsSync(cgroup.path)).toBe(false)
})

test('one that is left behind is named, with what removes it', async () => {
  const guard = LeakGuard.start(100)
  using cgroup = Cgroup.make()
  await expect(guard.check('this test')).rejects.toThrow(`rmdir ${cgroup.path}`)
})
