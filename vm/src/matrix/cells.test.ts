import { expect, test } from 'vitest'
import { kernels } from '../kernels.ts'
import { cellName, selectCells } from './cells.ts'

const names = (only?: string) => selectCells(only).map(cellName)

test('without a choice, every kernel runs on every architecture', () => {
  expect(names()).toHaveLength(2 * kernels.length)
  expect(new Set(names()).size).toBe(2 * kernels.length)
})

test('a kernel, an architecture or both can be chosen, each cell once', () => {
  expect(names('5.10')).toEqual(['5.10/amd64', '5.10/arm64'])
  expect(names('6.1/arm64')).toEqual(['6.1/arm64'])
  expect(names('arm64, 5.10,5.10/amd64')).toEqual([
    '5.10/amd64',
    ...kernels.map(({ series }) => `${series}/arm64`),
  ])
})

test('what names nothing is refused, and told what there is', () => {
  expect(() => names('5.10,6.2')).toThrow(
    /--only 6\.2: no such .* There is: .*6\.12.*; amd64, arm64/,
  )
  expect(() => names('')).toThrow('no such kernel or architecture')
})
