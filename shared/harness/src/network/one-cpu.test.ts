import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { expect } from 'vitest'
import { test } from '../test.ts'
import { stayOnCpu } from './one-cpu.ts'

const allowed = () =>
  /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/thread-self/status', 'utf8'))?.[1]

test('the thread stays on one CPU until it need not any more', () => {
  const before = allowed()
  {
    using _ = stayOnCpu()
    expect(allowed()).toMatch(/^\d+$/)
  }
  expect(allowed()).toBe(before)
  if (availableParallelism() > 1) expect(before).toMatch(/[-,]/)
})
