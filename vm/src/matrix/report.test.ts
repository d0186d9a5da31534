import { expect, test } from 'vitest'
import { asMarkdown, asText, hasFailure, type MatrixReport } from './report.ts'

const base = { cached: false, skipped: [], failed: [] }
const skip = (release: string) => ({
  test: `loops.test.ts > iterators (needs Linux 6.4, this is ${release})`,
  reason: `needs Linux 6.4, this is ${release}`,
})
const kernel = (series: string, arch: string) => ({
  ...{ series, arch, release: `${series}.9`, suite: 'bookworm' },
  packages: [`linux-image_${series}_${arch}.deb`],
})
const good: MatrixReport = {
  date: '2026-11-22T12:00:00.000Z',
  seconds: 61,
  kernels: [kernel('6.1', 'amd64'), kernel('6.1', 'arm64')],
  programs: { Node: '26.10.0' },
  results: [
    { ...base, lab: 'ch6', series: '6.1', arch: 'amd64', passed: 20, skipped: [skip('6.1.0-a')] },
    { ...base, lab: 'ch6', series: '6.1', arch: 'arm64', passed: 21, skipped: [skip('6.1.0-b')] },
    { ...base, lab: 'ch2', series: '6.1', arch: 'arm64', passed: 7 },
  ],
}
const failed = [{ test: 'a.test.ts > works', message: 'expected 1\nto be 2' }]
const bad: MatrixReport = {
  ...good,
  results: [
    ...good.results,
    { ...base, lab: 'ch2', series: '6.1', arch: 'amd64', passed: 6, failed },
  ],
}

test('the table has a row for each lab and a column for each kernel and architecture', () => {
  const [arch, series, ch6, ch2] = asText(good).split('\n')
  expect([arch, series].map((line) => line?.trim().split(/\s+/))).toEqual([
    ['amd64', 'arm64'],
    ['6.1', '6.1'],
  ])
  expect(ch6).toMatch(/^ch6 +✓ 20 –1 +✓ 21 –1$/)
  expect(ch2).toMatch(/^ch2 +✓ 7$/)
})

test('one skip is told once, with its reason and the kernels where it holds', () => {
  expect(asText(good)).toContain(
    '  6.1/amd64, 6.1/arm64: ch6: loops.test.ts > iterators\n    needs Linux 6.4',
  )
  expect(asText(good)).not.toContain('Failed:')
})

test('many skips of one suite for the same reason are told as one', () => {
  const line = (n: number) => ({ ...skip('6.1.0-a'), test: `r.test.ts > README > line ${n}` })
  const skipped = [1, 2, 3, 4].map(line)
  const { results, ...rest } = good
  const text = asText({ ...rest, results: [{ ...results[0]!, skipped }] })
  expect(text).toContain('6.1/amd64: ch6: r.test.ts > README: 4 tests\n    needs Linux 6.4')
  expect(text).not.toContain('line 1')
})

test('a failure is told with its message, in the table and on the page', () => {
  expect([hasFailure(good), hasFailure(bad)]).toEqual([false, true])
  expect(asText(bad)).toMatch(/^ch2 +✗ 1 +✓ 7$/m)
  expect(asText(bad)).toContain('6.1/amd64: ch2: a.test.ts > works\n    expected 1\n    to be 2')
  expect(asMarkdown(good)).toContain('\nYes: ')
  expect(asMarkdown(bad)).toContain('\nNot everywhere: 1 test failed.')
})

test('the page records which kernels and programs it was', () => {
  const page = asMarkdown(good)
  expect(page).toContain('| ch6 | ✓ 20 –1 | ✓ 21 –1 |')
  expect(page).toContain('| 6.1/arm64 | 6.1.9 | bookworm | linux-image_6.1_arm64.deb |')
  expect(page).toContain('- Node 26.10.0')
})
