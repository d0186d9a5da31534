// Leaves things behind on purpose. leak-guard.test.ts runs this and reads what vitest says.
import { execFileSync } from 'node:child_process'
import { beforeAll } from 'vitest'
import { test } from '../../src/test.ts'

beforeAll(() => {
  execFileSync('ip', ['netns', 'add', 'leaky-file'])
})

test('leaves nothing', async ({ run, network, pinFolder, trace }) => {
  const object = new URL('../../build/test/bpf/hello.bpf.o', import.meta.url).pathname
  trace()
  await run(['sleep', '60'])
  await network()
  execFileSync('bpftool', ['prog', 'load', object, `${pinFolder}/hello`])
})

test('leaves a namespace', () => {
  execFileSync('ip', ['netns', 'add', 'leaky-test'])
})
