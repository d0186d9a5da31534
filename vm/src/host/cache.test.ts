import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { exitOf, readAll } from './child.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ebpf-labs-cache-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

/** A process that makes one thing in the cache: `script` is run while it makes it. */
function maker(script: string): ChildProcess {
  const source = `
    import { writeFileSync } from 'node:fs'
    import { cached } from ${JSON.stringify(join(import.meta.dirname, 'cache.ts'))}
    import { command } from ${JSON.stringify(join(import.meta.dirname, 'command.ts'))}
    const folder = await cached('things/thing-0123456789ab', 0.001, async (making) => {
      writeFileSync(making + '/part', 'made by ' + process.pid)
      await command(['sh', '-c', ${JSON.stringify(script)}], { cwd: making })
    })
    console.log(folder)`
  return spawn(process.execPath, ['--input-type=module-typescript', '-e', source], {
    env: { ...process.env, XDG_CACHE_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

const things = () => join(home, 'ebpf-labs', 'things')

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('not within 60 s')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

test('what a killed process left half-made is not taken, and its children end with it', async () => {
  const killed = maker('echo $$ > shell; exec sleep 1000')
  const shell = join(things(), '.thing-0123456789ab.making', 'shell')
  await until(() => existsSync(shell) && readFileSync(shell, 'utf8').endsWith('\n'))
  const pid = readFileSync(shell, 'utf8').trim()
  killed.kill('SIGKILL')
  await until(() => !existsSync(`/proc/${pid}`))
  expect(readdirSync(things())).not.toContain('thing-0123456789ab')

  const next = maker('echo whole > whole')
  const [output] = await Promise.all([readAll(next.stdout), exitOf(next)])
  expect(output.trim()).toBe(join(things(), 'thing-0123456789ab'))
  expect(readdirSync(output.trim()).sort()).toEqual(['part', 'whole'])
})

test('two processes at once make it once', async () => {
  const [one, two] = [maker('sleep 1'), maker('sleep 1')]
  const outputs = await Promise.all([readAll(one.stdout), readAll(two.stdout)])
  expect(outputs[0]).toBe(outputs[1])
  const made = readFileSync(join(things(), 'thing-0123456789ab', 'part'), 'utf8')
  expect([`made by ${one.pid}`, `made by ${two.pid}`]).toContain(made)
})

test('what failed leaves nothing behind', async () => {
  const failing = maker('exit 3')
  failing.stdout?.resume()
  expect((await exitOf(failing)).code).not.toBe(0)
  expect(readdirSync(things()).filter((name) => !name.endsWith('.lock'))).toEqual([])
})

test('leftovers under other keys go when something new is made', async () => {
  const leftover = join(things(), '.thing-ba9876543210.making')
  mkdirSync(leftover, { recursive: true })
  const making = maker('true')
  making.stdout?.resume()
  expect((await exitOf(making)).code).toBe(0)
  expect(existsSync(leftover)).toBe(false)
})
