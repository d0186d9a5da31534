import { test } from '@ebpf-labs/harness'
import { expect } from 'vitest'

const byHand = [process.execPath, `${import.meta.dirname}/by-hand.ts`]

test('a mistake at the keyboard ends in a message, without a stack', async ({ exec }) => {
  const { code, stderr } = await exec([...byHand, '--attach', 'uprobe'], { deadline: 25_000 })
  expect(stderr).toBe("error: --attach takes ioctl, link, raw-tracepoint, and got 'uprobe'.\n")
  expect(code).toBe(2)
})
