import { expect, test } from 'vitest'
import { mistakesIn } from './check-types.ts'

const output = [
  "labs/ch2-maps/hello-perf.ts(25,42): error TS2339: Property 'uid' does not exist on type 'event'.",
  "labs/ch2-maps/hello-perf.test.ts(9,1): error TS2339: Property 'uid' does not exist on type 'event'.",
  "labs/ch2-maps-too/hello.ts(1,1): error TS2304: Cannot find name 'x'.",
  '  and more of it',
  '',
].join('\n')

test('a learner is told of mistakes in the loaders of this lab, not in tests or other labs', () => {
  expect(mistakesIn('labs/ch2-maps', output)).toEqual([output.split('\n')[0]])
  expect(mistakesIn('labs/ch6-verifier', output)).toEqual([])
})
