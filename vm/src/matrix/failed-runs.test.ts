import { expect, test } from 'vitest'
import { failedRuns, withRun } from './failed-runs.ts'
import type { LabResult } from './judge.ts'

const printed = [
  '- one:test',
  ' NX   Running target test for 3 projects failed',
  '',
  'Failed tasks:',
]
const runs = failedRuns([
  ...printed,
  '',
  '- ch2-maps:test',
  '- ch3-anatomy:bpf',
  '',
  '  Cache: none',
])

const result = (lab: string, failed: LabResult['failed'] = []): LabResult => ({
  ...{ lab, series: '6.12', arch: 'amd64' },
  ...{ passed: 23, skipped: [], failed, cached: false },
})

test('the failed test targets are those that nx lists at its end', () => {
  expect([...runs]).toEqual(['ch2-maps'])
  expect(failedRuns(['> nx run ch2-maps:test', '- ch2-maps:test']).size).toBe(0)
})

test('a run that failed without a failed test is a failure', () => {
  expect(withRun(result('ch2-maps'), runs).failed).toMatchObject([{ test: 'the run of its tests' }])
})

test('a run whose failed test is known, and one that did not fail, stay as they are', () => {
  const known = result('ch2-maps', [{ test: 'a.test.ts > works', message: 'it does not' }])
  expect(withRun(known, runs)).toBe(known)
  expect(withRun(result('ch2-hello'), runs).failed).toEqual([])
})
