import { expect, test } from 'vitest'
import { diffLines } from './diff.ts'
import { matchLines } from './match.ts'
import { type Captures, fillIn, linePattern } from './pattern.ts'

const compare = (expected: string[], got: string[], ended = true, captures: Captures = {}) =>
  matchLines(expected.map(linePattern), got, captures, ended)

test('a placeholder stands for what its kind allows, and for nothing else', () => {
  const matches = (pattern: string, line: string) => linePattern(pattern).match(line, {})
  expect(matches('pid {pid:d} runs', 'pid 42 runs')).toBe(true)
  expect(matches('pid {pid:d} runs', 'pid x42 runs')).toBe(false)
  expect(matches('{word} is', 'kprobe/x is')).toBe(true)
  expect(matches('{word} is', 'two words is')).toBe(false)
  expect(matches('tag {tag:x}', 'tag ac73b713353f1abc')).toBe(true)
  expect(matches('tag {tag:x}', 'tag nothex')).toBe(false)
  expect(matches('{t:f} s', '1.25 s')).toBe(true)
  expect(matches('{all:s}!', 'a b c!')).toBe(true)
})

test('what is no placeholder is literal', () => {
  const matches = (pattern: string, line: string) => linePattern(pattern).match(line, {})
  expect(matches('a.c [1] (x)* $', 'a.c [1] (x)* $')).toBe(true)
  expect(matches('a.c', 'abc')).toBe(false)
  expect(matches(String.raw`\{name}`, '{name}')).toBe(true)
  expect(matches('{ "a": 1 }', '{ "a": 1 }')).toBe(true)
  expect(matches('{"id":{id:d}}', '{"id":7}')).toBe(true)
})

test('blanks at the end of a line do not count, those elsewhere do', () => {
  expect(compare(['a  b'], ['a  b   ']).outcome).toBe('match')
  expect(compare(['a b'], ['a  b']).outcome).toBe('mismatch')
})

test('two spaces or more stand for two or more, one for one', () => {
  const matches = (pattern: string, line: string) => linePattern(pattern).match(line, {})
  expect(matches('{pid:d}   sh  hello world', '1234567  sh               hello world')).toBe(true)
  expect(matches('{pid:d}  sh', '7 sh')).toBe(false)
  expect(matches('hello world', 'hello  world')).toBe(false)
})

test('the same name is the same text, and _ is any', () => {
  expect(compare(['{id:d}', 'again {id:d}'], ['5', 'again 5'])).toEqual({
    outcome: 'match',
    captures: { id: '5' },
  })
  expect(compare(['{id:d}', 'again {id:d}'], ['5', 'again 6']).outcome).toBe('mismatch')
  expect(compare(['{id:d}'], ['6'], true, { id: '5' }).outcome).toBe('mismatch')
  expect(compare(['{_:d} {_:d}'], ['5 6'])).toEqual({ outcome: 'match', captures: {} })
  expect(compare(['{a} {a}'], ['x y']).outcome).toBe('mismatch')
})

test('... stands for any number of lines, none too', () => {
  expect(compare(['a', '...', 'b'], ['a', 'b']).outcome).toBe('match')
  expect(compare(['a', '...', 'b'], ['a', 'x', 'b', 'y', 'b']).outcome).toBe('match')
  expect(compare(['...'], []).outcome).toBe('match')
  expect(compare(['...', 'b'], ['b', 'c']).outcome).toBe('mismatch')
  expect(compare(['...', '{x} 1', '{x} 2'], ['a 1', 'b 1', 'b 2'])).toMatchObject({
    captures: { x: 'b' },
  })
})

test('lines too many and too few are a mismatch once the output has ended', () => {
  expect(compare(['a'], ['a', 'b']).outcome).toBe('mismatch')
  expect(compare(['a', 'b'], ['a']).outcome).toBe('mismatch')
  expect(compare([], ['a']).outcome).toBe('mismatch')
})

test('while output still comes, only what cannot become right is a mismatch', () => {
  expect(compare(['a', 'b'], ['a'], false).outcome).toBe('pending')
  expect(compare(['a', 'b'], ['a', 'c'], false).outcome).toBe('mismatch')
  expect(compare(['...', 'b'], ['a', 'c'], false).outcome).toBe('pending')
  expect(compare(['a'], ['a', 'more'], false).outcome).toBe('match')
})

test('many gaps in a long output are compared quickly', () => {
  const gaps = Array.from({ length: 12 }, () => ['...', 'tick {_:d}']).flat()
  const lines = Array.from({ length: 150 }, (_, n) => `tick ${n}`)
  expect(compare([...gaps, 'never'], lines).outcome).toBe('mismatch')
})

test('a diff shows what was expected and what came', () => {
  const patterns = ['same', 'count {n:d}', '...', 'end'].map(linePattern)
  expect(diffLines(patterns, ['same', 'count x', 'other', 'end'], {}).split('\n')).toEqual([
    '  same',
    '- count {n:d}',
    '  count x',
    '  other',
    '  end',
  ])
  expect(diffLines([linePattern('a')], ['b'], {})).toBe('- a\n+ b')
})

test('what was captured can be used in a later command, other braces stay', () => {
  expect(fillIn(`show id {id} | awk '{print $1}' {a,b}`, { id: '7' })).toBe(
    `show id 7 | awk '{print $1}' {a,b}`,
  )
})
