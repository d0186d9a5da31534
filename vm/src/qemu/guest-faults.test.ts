import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { scratchWorkspace, type ScratchWorkspace } from '../../test/scratch-workspace.ts'
import { exitOf, readAll } from '../host/child.ts'
import { hashFolder } from '../image/guest-files.ts'

// What a command can do to the machine. Those that leave it usable come first: it is the same machine for all of them.
let scratch: ScratchWorkspace
let firstBoot: string
const vm: ScratchWorkspace['vm'] = (args, options) => scratch.vm(args, options)

beforeAll(async () => {
  scratch = scratchWorkspace()
  firstBoot = await scratch.bootId()
})
afterAll(() => scratch[Symbol.asyncDispose]())

test('a command that takes all memory is told to have been killed for it', async () => {
  const eater = ['tail', '/dev/zero'] // it keeps the last ten lines, and the first never ends
  const { exitCode, stderr } = await vm(['exec', '--', ...eater])
  expect(exitCode).toBe(128 + 9)
  expect(stderr).toMatch(/^vm: kernel: .*Out of memory: Killed process \d+ \(tail\)/m)
  expect(await scratch.bootId()).toBe(firstBoot)
})

test('a fork bomb is told, and all of it ended, also what it left in the background', async () => {
  const bomb = 'bomb() { bomb | bomb & bomb; }; bomb'
  const { exitCode, stderr } = await vm(['exec', '--', 'sh', '-c', bomb])
  expect(exitCode).toBe(128 + 9)
  expect(stderr).toMatch(
    /vm: a fork bomb: \d{3} processes at once, \d{3} of them sh: all are ended\./,
  )
  const left = await vm(['exec', '--', 'sh', '-c', 'ps -e -o args= | grep -c "[b]omb;"'])
  expect(left.stdout).toBe('0\n')
  expect(await scratch.bootId()).toBe(firstBoot)
})

// As a test with a loop that never ends: vitest listens to Ctrl-C, and cannot act on it.
const deaf = ['sh', '-c', 'trap "echo busy" INT; echo started; while :; do :; done']

test('a second Ctrl-C ends a command that does not listen to the first', async () => {
  const child = scratch.startVm(['exec', '--', ...deaf])
  await once(child.stdout!, 'data')
  child.kill('SIGINT')
  await once(child.stdout!, 'data')
  child.kill('SIGINT')
  expect(await exitOf(child)).toMatchObject({ code: 128 + 9 })
  expect(await scratch.bootId()).toBe(firstBoot)
})

test('a command that takes longer than it may is told so, interrupted, and then killed', async () => {
  const { exitCode, stderr } = await vm(['exec', '--timeout', '2', '--', ...deaf])
  expect(exitCode).toBe(124)
  expect(stderr).toContain('vm: the command did not end within 2 s: it is interrupted\n')
  expect(stderr).toContain('vm: it did not end then, either: it is killed\n')
  const left = await vm(['exec', '--', 'sh', '-c', 'ps -e -o args= | grep -c "[s]tarted;"'])
  expect(left.stdout).toBe('0\n')
  expect(await scratch.bootId()).toBe(firstBoot)
})

test('a command that fills the disk is told so', async () => {
  const script = 'fallocate -l 100G /root/all 2>/dev/null; echo rest >/root/rest'
  const { exitCode, stderr } = await vm(['exec', '--', 'bash', '-c', script])
  expect(exitCode).not.toBe(0)
  expect(stderr).toContain('No space left on device')
  expect(stderr).toContain("vm: the machine's disk is full. Remove something in it")
})

test('a full disk has no room for the next files: not while a command runs, then a fresh machine', async () => {
  const running = scratch.startVm(['exec', '--', 'sh', '-c', 'echo started; exec sleep 1000'])
  await once(running.stdout!, 'data')
  writeFileSync(join(scratch.folder, 'vm', 'new-file'), 'new')
  const refused = await vm(['exec', '--', 'cat', 'vm/new-file'])
  expect(refused.exitCode).toBe(125)
  expect(refused.stderr).toContain('its disk is full, and the workspace has files to bring into it')
  expect(refused.stderr).toContain('Remove something in it, or end it: npm run vm -- down')
  running.kill('SIGTERM')
  await exitOf(running)

  const next = await vm(['exec', '--', 'cat', 'vm/new-file'])
  expect(next).toMatchObject({ exitCode: 0, stdout: 'new' })
  expect(next.stderr).toContain("The machine's disk is full: starting a fresh one.")
  rmSync(join(scratch.folder, 'vm', 'new-file'))
  expect(await scratch.bootId()).not.toBe(firstBoot)
})

test('rm -rf / is told, leaves the host as it was, and the next command has a fresh machine', async () => {
  const before = hashFolder(join(scratch.folder, 'vm'))
  // On this disk alone: what /proc and /sys refuse to remove takes most of the time otherwise.
  const remove = 'rm -rf --no-preserve-root --one-file-system /'.split(' ')
  const child = scratch.startVm(['exec', '--', ...remove])
  child.stdout?.resume()
  const [stderr, { code }] = await Promise.all([readAll(child.stderr), exitOf(child)])
  expect(code).toBe(125)
  expect(stderr).toContain(
    'the machine failed: files that it cannot do without were removed from it',
  )
  expect((await scratch.processes()).qemu).toEqual([])
  expect(hashFolder(join(scratch.folder, 'vm'))).toBe(before)
  expect(await vm(['exec', '--', 'test', '-e', 'package.json'])).toMatchObject({ exitCode: 0 })
})
