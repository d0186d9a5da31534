import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { compileBpf } from '../../test/compile.ts'

compileBpf('events.bpf.c')
const script = fileURLToPath(new URL('../../test/reader-lifetime.ts', import.meta.url))

/** Runs the script to its end; a process that does not end by itself is killed and has no status. */
function run(mode: string): { status: number | null; stdout: string } {
  const { status, stdout } = spawnSync(process.execPath, [script, mode], {
    encoding: 'utf8',
    timeout: 100_000,
  })
  return { status, stdout: stdout.trim() }
}

test('an open reader that nobody waits for does not keep the process alive', () => {
  expect(run('idle')).toEqual({ status: 0, stdout: '' })
}, 120_000)

test('a loop that waits keeps the process alive until the reader is closed', () => {
  expect(run('close')).toEqual({ status: 0, stdout: 'done: true' })
}, 120_000)

test('process.exit() while a loop waits ends the process without a crash', () => {
  expect(run('exit')).toEqual({ status: 3, stdout: '' })
}, 120_000)

test('a worker that exits while its loop waits takes nothing with it', () => {
  expect(run('worker')).toEqual({ status: 0, stdout: 'worker: 3' })
}, 120_000)

test('a worker that is terminated while its loop waits takes nothing with it', () => {
  expect(run('terminate')).toEqual({ status: 0, stdout: 'worker: 1' })
}, 120_000)
