import { existsSync, rmSync } from 'node:fs'
import { expect } from 'vitest'
import { NESTED_TIMEOUT, nestedVitest } from '../../test/nested-vitest.ts'
import { test } from '../test.ts'

test(
  'each block is a test, a lie is shown in place, and what builds on it is skipped',
  { timeout: NESTED_TIMEOUT },
  async ({ run }) => {
    rmSync('/tmp/must-not-be-there', { force: true })
    const { code, stdout, stderr } = await nestedVitest(run, 'readme')
    expect(code).toBe(1)
    expect(stdout).toMatch(/✓ .*line 6 quotes \.\.\/bpf\/hello\.bpf\.c/)
    expect(stdout).toMatch(/✓ .*line 13: \$ cd shared\/harness/)
    expect(stdout).toMatch(/× .*line 20: \$ echo "one two"/)
    expect(stdout).toMatch(/↓ .*line 29 in terminal 2: .* \[.*README\.md:20 failed before\]/)
    expect(stdout).toMatch(/× .*line 35 quotes/)
    expect(stdout).toMatch(/↓ .*line 41: \$ touch .* \(needs Linux 99\.0, this is /)
    expect(existsSync('/tmp/must-not-be-there')).toBe(false)
    expect(stderr).toMatch(
      /README\.md:22: expected other output[^]*\$ echo "three two"[^]*- four two\n *\+ three two/,
    )
    expect(stderr).toMatch(/❯ README README\.md:22/)
    expect(stderr).toMatch(/README\.md:35: this is not what \.\.\/bpf\/hello\.bpf\.c says/)
  },
)
