import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { findFile } from '../program/attach/tracing/find-file.ts'
import { functionOffsets } from './function-offsets.ts'

test('each function of the C library is where readelf says, by its present version', () => {
  const library = findFile('libc.so.6')
  const text = execFileSync('readelf', ['--wide', '--dyn-syms', library], { encoding: 'utf8' })
  // Num: Value Size Type Bind Vis Ndx Name@@VERSION: in the C library, values are offsets in the file.
  const lines = text.matchAll(/^ *\d+: (\w+) +\w+ FUNC +\w+ +\w+ +\d+ (\w+)@@/gm)
  const expected = [...lines].map(([, value, name]) => [name, BigInt(`0x${value}`)] as const)
  expect(expected.length).toBeGreaterThan(1000)
  const offsets = functionOffsets(readFileSync(library))
  expect(expected.filter(([name, offset]) => offsets.get(name ?? '') !== offset)).toEqual([])
})

test('data, and what a library only needs from others, are not among its functions', () => {
  const offsets = functionOffsets(readFileSync(findFile('libc.so.6')))
  expect(offsets.has('environ')).toBe(false)
  expect(offsets.has('__tls_get_addr')).toBe(false) // the dynamic loader's
})
