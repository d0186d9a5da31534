import { existsSync, readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { test } from '../test.ts'
import { waitUntil } from './deadline.ts'
import { isAlive, isStale, owner, uniqueName } from './owner.ts'
import { sweep } from './sweep.ts'

test(
  'what a test left that was killed with SIGKILL is removed before the next one',
  { timeout: 150_000 },
  async ({ run }) => {
    const modules = new URL('../', import.meta.url).href
    const source = `
    import { network } from '${modules}network/network.ts'
    import { Cgroup } from '${modules}cgroup.ts'
    import { makePinFolder } from '${modules}pins.ts'
    import { makeInstance } from '${modules}tracing/tracefs.ts'
    import { RunningProgram } from '${modules}process/running-program.ts'
    const { left } = await network()
    const { pid } = await RunningProgram.start(['setsid', '--wait', 'sleep', '62'])
    console.log('made', left.path, Cgroup.make().path, makePinFolder(), makeInstance(), '/proc/' + pid)
    process.kill(process.pid, 'SIGKILL')`
    const killed = await run([process.execPath, '--input-type=module', '-e', source], {
      deadline: 60_000,
    })
    const made = (await killed.line('made')).split(' ').slice(1)
    expect((await killed.exit()).signal).toBe('SIGKILL')
    expect(made.filter((path) => !existsSync(path))).toEqual([])
    await sweep()
    await waitUntil('all of it to be gone', () => made.every(isGone), {
      got: () => made.filter((path) => !isGone(path)).join(', '),
    })
  },
)

test('what a test made that still runs is left alone', async ({ network, pinFolder, run }) => {
  const { left } = await network()
  const program = await run(['sleep', '60'])
  await sweep()
  expect([left.path, pinFolder].filter(isGone)).toEqual([])
  expect(await program.interrupt()).toMatchObject({ signal: 'SIGINT' }) // not SIGKILL
})

test('a process that got the pid of one that is gone is told from it', () => {
  expect(isAlive(owner)).toBe(true)
  expect(isAlive(`${process.pid}-1`)).toBe(false)
  expect(isStale(uniqueName('x'))).toBe(false)
  expect(isStale(`labs-${process.pid}-1-1-x`)).toBe(true)
  expect(isStale('labs')).toBe(false)
})

/** A zombie, until pid 1 reaps it, has no command line. */
function isGone(path: string): boolean {
  if (!existsSync(path)) return true
  return path.startsWith('/proc/') && readFileSync(`${path}/cmdline`, 'utf8') === ''
}
