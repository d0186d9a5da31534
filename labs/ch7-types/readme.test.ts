import { readFileSync } from 'node:fs'
import { release } from 'node:os'
import { readmeTests } from '@ebpf-labs/harness'
import { expect, test } from 'vitest'
import { hooks } from './hooks.ts'
import { lackingOf } from './lacking.ts'
import { partsOf, readProbed, tablesOf } from './readme-table.ts'
import { supportOf } from './support.ts'

/** Of blanks and dashes a formatter makes as many as it likes. */
const cells = (table: string) => table.replaceAll(/ +/g, ' ').replaceAll(/-+/g, '-')

test('the table is what readme-table.ts makes of hooks.ts and probed.json', () => {
  const [, tables] = partsOf(readFileSync(new URL('README.md', import.meta.url), 'utf8'))
  expect(cells(tables)).toBe(cells(tablesOf(readProbed())))
})

test('what is probed now is in the table, and is what version and configuration promise', () => {
  const series = release().split('.', 2).join('.')
  const recorded = readProbed()[`${series}/${process.arch === 'arm64' ? 'arm64' : 'amd64'}`]
  const here = hooks.map((hook) => [hook.name, supportOf(hook).here])
  expect(here).toEqual(hooks.map((hook) => [hook.name, lackingOf(hook) === '']))
  // Only the kernels of the matrix are recorded; LAB_VM=native may be any.
  const isRecorded = recorded !== undefined || process.env['LAB_VM'] === undefined
  const inTable = hooks.map(({ name }) => [name, recorded?.[name] === undefined])
  expect(here).toEqual(isRecorded ? inTable : here)
})

readmeTests(new URL('README.md', import.meta.url))
