import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { exitOf } from './child.ts'
import { holderCommand } from './lock.ts'
import { identify, identifyByPs } from './process.ts'

// macOS lacks flock(1) and /proc; what is used there instead runs on Linux, too.
const hasPerl = spawnSync('perl', ['-e', '1']).status === 0

test.runIf(hasPerl)('the lock of macOS excludes others until its holder’s stdin ends', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ebpf-labs-lock-'))
  const [program, ...args] = holderCommand(join(folder, 'lock'), ['-x'], 'darwin')
  const holder = spawn(program, args)
  expect(String(await once(holder.stdout, 'data'))).toBe('held\n')
  const [, ...tryArgs] = holderCommand(join(folder, 'lock'), ['-x', '-n'], 'darwin')
  const attempt = () => spawnSync(program, tryArgs, { encoding: 'utf8', input: '' })
  expect(attempt()).toMatchObject({ status: 1, stdout: '', stderr: '' })
  holder.stdin.end()
  await exitOf(holder)
  expect(attempt()).toMatchObject({ status: 0, stdout: 'held\n' })
  rmSync(folder, { recursive: true })
})

test('ps tells a process from others and from none', async () => {
  const child = spawn('sleep', ['60'])
  const pid = child.pid ?? 0
  const identity = identifyByPs(pid)
  expect(identity?.pid).toBe(identify(pid)?.pid)
  expect(identity?.startTime).toMatch(/^\S+20\d\d$/)
  expect(identifyByPs(pid)).toEqual(identity)
  child.kill('SIGKILL')
  await exitOf(child)
  expect(identifyByPs(pid)).toBeUndefined()
})
