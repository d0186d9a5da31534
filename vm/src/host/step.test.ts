import { stripVTControlCharacters } from 'node:util'
import { afterEach, expect, test, vi } from 'vitest'
import { step } from './step.ts'

const wasTerminal = process.stderr.isTTY
afterEach(() => {
  process.stderr.isTTY = wasTerminal
  vi.restoreAllMocks()
})

/** What is printed while a step runs, in whatever colours. */
async function printed(terminal: boolean, work: () => Promise<void>): Promise<string> {
  process.stderr.isTTY = terminal
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  await step('Making a disk', work).catch(() => {})
  return write.mock.calls.map(([text]) => String(text)).join('')
}

test('on a terminal, the line with the time takes the place of the one that moves', async () => {
  const text = await printed(true, async () => {})
  // oxlint-disable-next-line no-control-regex -- what clears a line is one
  expect(text).toMatch(/… Making a disk.*\r\x1b\[K[^\n]*✓[^\n]*Making a disk[^\n]* s[^\n]*\n$/s)
})

test('without a terminal, a step is a line when it begins and one when it ends', async () => {
  const text = stripVTControlCharacters(await printed(false, async () => {}))
  expect(text).toMatch(/^… Making a disk\n✓ Making a disk \d+\.\d s\n$/)
})

test('a step that fails says so', async () => {
  const text = await printed(false, () => Promise.reject(new Error('no disk')))
  expect(stripVTControlCharacters(text)).toMatch(/✗ Making a disk \d+\.\d s\n$/)
})
