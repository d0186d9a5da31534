import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { quote } from './channel.ts'

test('a quoted word reaches a program as it was', () => {
  const words = [
    'plain',
    '',
    "it's",
    '$HOME `id` \\',
    'a\nb',
    '*',
    '~',
    '-n',
    '"',
    '!',
    '#',
    'ü',
    '\t',
  ]
  const script = `printf '%s\\0' ${words.map(quote).join(' ')}`
  const { stdout } = spawnSync('sh', ['-c', script], { encoding: 'utf8' })
  expect(stdout.split('\0').slice(0, -1)).toEqual(words)
})
