import { expect, test } from 'vitest'
import { selectCells } from './cells.ts'
import { judge } from './judge.ts'
import type { TestOutcome } from './tap.ts'

const [old] = selectCells('5.10/amd64')
const [recent] = selectCells('6.12/amd64')
const passed: TestOutcome = { name: 'a.test.ts > works', status: 'passed', message: '' }
const skip = (name: string): TestOutcome => ({ name, status: 'skipped', message: '' })
const needs = (version: string) =>
  skip(`a.test.ts > loops (needs Linux ${version}, this is 5.10.0-46)`)

test('a skip with a version and a reason is one where the kernel is older', () => {
  const { passed: count, skipped, failed } = judge('lab', old!, [passed, needs('6.4')], [])
  expect(count).toBe(1)
  expect(skipped).toEqual([
    { test: needs('6.4').name, reason: 'needs Linux 6.4, this is 5.10.0-46' },
  ])
  expect(failed).toEqual([])
})

test('the same skip counts as a failure where the kernel is new enough', () => {
  for (const version of ['6.4', '6.12', '5.17']) {
    const { skipped, failed } = judge('lab', recent!, [passed, needs(version)], [])
    expect(skipped).toEqual([])
    expect(failed).toMatchObject([
      { message: `skipped although Linux 6.12 is not older than ${version}` },
    ])
  }
  expect(judge('lab', recent!, [needs('7.0')], []).failed).toEqual([])
})

test('a reason other than the kernel, and one of a whole suite, are taken', () => {
  const tests = [
    skip('a.test.ts > order (needs two processors, this has one)'),
    skip('a.test.ts > fentry (needs Linux 6.4, this is 5.10.0) > counts'),
  ]
  expect(judge('lab', old!, tests, []).skipped).toHaveLength(2)
})

test('a skip without a reason counts as a failure', () => {
  const { failed } = judge('lab', old!, [passed, skip('a.test.ts > later')], [])
  expect(failed).toMatchObject([{ test: 'a.test.ts > later', message: /without a reason/ }])
})

test('what comes behind a failed step of a README is not counted beside it', () => {
  const step = (line: number, status: TestOutcome['status']): TestOutcome => ({
    name: `readme.test.ts > README > line ${line}`,
    status,
    message: '',
  })
  const { failed } = judge('lab', old!, [step(1, 'failed'), step(2, 'skipped')], [])
  expect(failed.map(({ test: name }) => name)).toEqual(['readme.test.ts > README > line 1'])
})

test('tests that did not run are a failure that shows the end of what was printed', () => {
  const output = ['compiling', '', 'vm: the machine failed: the kernel panicked', '']
  const { failed } = judge('lab', old!, undefined, output)
  expect(failed[0]?.message).toBe('compiling\nvm: the machine failed: the kernel panicked')
  expect(judge('lab', old!, [], []).failed).toHaveLength(1)
})
