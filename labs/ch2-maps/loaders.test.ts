import { test } from '@ebpf-labs/harness'
import { expect } from 'vitest'

// What the README does not show: mistakes at the keyboard. Each ends in a message, without a stack.
test.for([
  ['hello-map', ['--by', 'name'], "--by takes pid or uid, and got 'name'.", 2],
  ['hello-map', ['--entries', 'many'], '--entries takes a whole number from 1 on', 2],
  ['hello-perf', ['--pages', '3'], 'expected a power of two as number of pages', 1],
  ['side-by-side', ['--events', '0'], '--events takes a whole number from 1 on', 2],
  ['map-zoo', ['--only', 'treap'], "there is no type 'treap' here: expected one of array,", 2],
  ['hello-tail', ['--unnamed', 'read'], '--unnamed takes a command, after --', 2],
  ['count-syscalls', ['--by', 'gid'], "--by takes pid, uid or call, and got 'gid'.", 2],
] as const)('%s %s says what it takes', async ([name, args, message, exit], { exec }) => {
  const { code, stderr } = await exec([
    process.execPath,
    `${import.meta.dirname}/${name}.ts`,
    ...args,
  ])
  expect(stderr).toContain('error: ')
  expect(stderr).toContain(message)
  expect(stderr).not.toMatch(/^ +at /m)
  expect(code).toBe(exit)
})
