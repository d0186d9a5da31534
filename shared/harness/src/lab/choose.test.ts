import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { choose } from './choose.ts'
import { loadersOf } from './loaders.ts'

const lab = mkdtempSync(join(tmpdir(), 'lab-'))
afterAll(() => rmSync(lab, { recursive: true }))
const write = (name: string, text: string) => writeFileSync(join(lab, name), text)
write('hello-map.bpf.c', '')
write('hello-map.ts', '/** Counts execs per pid. Then more. */\n')
write('hello-map.test.ts', "import {} from 'vitest'\nawait loader(")
write('zoo.ts', '/**\n * Shows one map\n * of each type.\n */\nawait loader(\n')
write('shared.ts', '/** Used by both. */\nexport const loader = 1\n')

test('loaders are told from tests and shared modules, each with its first sentence', () => {
  expect(loadersOf(lab)).toEqual([
    { name: 'hello-map', file: 'hello-map.ts', about: 'Counts execs per pid.' },
    { name: 'zoo', file: 'zoo.ts', about: 'Shows one map of each type.' },
  ])
})

test('a loader is chosen by name and gets the other words', () => {
  const [map] = loadersOf(lab)
  expect(choose('ch2', loadersOf(lab), ['hello-map', '--count', '3'])).toEqual({
    do: 'run',
    loader: map,
    args: ['--count', '3'],
  })
})

test('without a name, a lab with several says what there is', () => {
  expect(choose('ch2', loadersOf(lab), [])).toEqual({
    do: 'list',
    text: [
      'ch2 has:',
      '  hello-map  Counts execs per pid.',
      '  zoo        Shows one map of each type.',
      '',
      'Start one: npx nx start ch2 -- hello-map',
    ].join('\n'),
  })
})

test('a lab with one loader runs it, with or without its name', () => {
  const one = loadersOf(lab).slice(0, 1)
  expect(choose('ch2', one, [])).toMatchObject({ do: 'run', args: [] })
  expect(choose('ch2', one, ['--count', '3'])).toMatchObject({ do: 'run', args: ['--count', '3'] })
  expect(choose('ch2', one, ['hello-map', 'x'])).toMatchObject({ do: 'run', args: ['x'] })
})

test('a name that is not there gets a suggestion', () => {
  const said = (name: string) => choose('ch2', loadersOf(lab), [name])
  expect(said('helo-map')).toMatchObject({ do: 'refuse' })
  expect(JSON.stringify(said('helo-map'))).toContain(
    "ch2 has no 'helo-map'. Did you mean 'hello-map'?",
  )
  expect(JSON.stringify(said('map'))).toContain("Did you mean 'hello-map'?")
  expect(JSON.stringify(said('xyzzy'))).not.toContain('Did you mean')
})

test('the main of a lab gets whatever names no other loader', () => {
  write('package.json', '{ "main": "zoo.ts" }')
  const loaders = loadersOf(lab)
  rmSync(join(lab, 'package.json'))
  const [map, zoo] = loaders
  expect([map?.main, zoo?.main]).toEqual([undefined, true])
  expect(choose('ch2', loaders, [])).toEqual({ do: 'run', loader: zoo, args: [] })
  expect(choose('ch2', loaders, ['fexit', '--json'])).toMatchObject({
    loader: zoo,
    args: ['fexit', '--json'],
  })
  expect(choose('ch2', loaders, ['zoo', 'fexit'])).toMatchObject({ loader: zoo, args: ['fexit'] })
  expect(choose('ch2', loaders, ['hello-map'])).toMatchObject({ loader: map, args: [] })
})
