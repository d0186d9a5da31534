import { expect, test } from 'vitest'
import { parseTap } from './tap.ts'

// Printed by vitest, with something before it and behind it.
const output = `
 RUN  v5.1.1 /workspace/labs/ch2-hello

TAP version 13
1..4
ok 1 - hello.test.ts > the program > says hello # time=2.47ms
not ok 2 - hello.test.ts > reads \\# 3 # time=6.40ms
    ---
    error:
        name: "AssertionError"
        message: "why
not: expected 1 to be 2 // Object.is equality"
    at: "/workspace/labs/ch2-hello/hello.test.ts:2:135"
    ...
ok 3 - hello.test.ts > loops (needs Linux 6.4, this is 5.10.0) # SKIP
not ok 4 - broken.test.ts
    ---
    error:
        name: "Error"
        message: "Cannot find module './nothing.ts'"
    ...
Done.`.split('\n')

test('each test comes out with what became of it', () => {
  const passed = { name: 'hello.test.ts > the program > says hello', status: 'passed', message: '' }
  expect(parseTap(output)).toEqual([
    passed,
    { name: 'hello.test.ts > reads # 3', status: 'failed', message: 'why' },
    {
      name: 'hello.test.ts > loops (needs Linux 6.4, this is 5.10.0)',
      status: 'skipped',
      message: '',
    },
    { name: 'broken.test.ts', status: 'failed', message: "Cannot find module './nothing.ts'" },
  ])
})

test('a report that is cut off, or none, counts as none', () => {
  expect(parseTap(output.slice(0, output.indexOf('not ok 4 - broken.test.ts')))).toBeUndefined()
  expect(parseTap(['vm: the machine failed: the kernel panicked'])).toBeUndefined()
})
