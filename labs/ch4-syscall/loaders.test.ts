import { secondUser, test } from '@ebpf-labs/harness'
import { expect } from 'vitest'

const byHand = [process.execPath, `${import.meta.dirname}/by-hand.ts`]

test('a mistake at the keyboard ends in a message, without a stack', async ({ exec }) => {
  const { code, stderr } = await exec([...byHand, '--attach', 'uprobe'])
  expect(stderr).toBe("error: --attach takes ioctl, link, raw-tracepoint, and got 'uprobe'.\n")
  expect(code).toBe(2)
})

test('who is not root is told so', async ({ exec }) => {
  const { code, stderr } = await exec(byHand, { user: secondUser })
  expect(stderr).toMatch(/error: cannot call bpf\(BPF_BTF_LOAD\): .*EPERM.*\n.*Run it as root/)
  expect(code).toBe(1)
})
