import { spawn } from 'node:child_process'
import { expect, test } from 'vitest'
import { exitOf } from './child.ts'
import { limitTime } from './time-limit.ts'

const started = (script: string) => {
  const child = spawn('sh', ['-c', `${script}; while :; do sleep 0.05; done`])
  return { child, ended: exitOf(child), send: (signal: NodeJS.Signals) => void child.kill(signal) }
}

test('a command that takes longer than it may is interrupted', async () => {
  const { ended, send } = started(':')
  using limit = limitTime(0.1, send)
  expect(limit.passed).toBe(false)
  expect(await ended).toMatchObject({ signal: 'SIGINT' })
  expect(limit.passed).toBe(true)
})

test('one that does not listen is killed', async () => {
  const { ended, send } = started('trap "" INT')
  using limit = limitTime(0.5, send)
  expect(await ended).toMatchObject({ signal: 'SIGKILL' })
  expect(limit.passed).toBe(true)
})

test('without a limit, with one of years, and after its end, a command goes on', async () => {
  const { child, ended, send } = started(':')
  using unlimited = limitTime(undefined, send)
  using years = limitTime(1e9, send)
  const over = limitTime(0.1, send)
  over[Symbol.dispose]()
  const late = new Promise((resolve) => setTimeout(resolve, 300, 'still there'))
  expect(await Promise.race([ended, late])).toBe('still there')
  expect([unlimited, years, over].map(({ passed }) => passed)).toEqual([false, false, false])
  child.kill()
  await ended
})
