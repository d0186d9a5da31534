import { expect, test } from 'vitest'
import { generateSkeleton } from '../bench/objects.ts'
import { openLoadAttachClose, ringEvents, usage } from './rounds.ts'

// `npm run soak` is the long version: 10,000 rounds and 10^8 events.

test('opening, loading, attaching and closing leaves no file descriptor behind', async () => {
  await openLoadAttachClose(5, () => undefined)
  const { fds } = usage()
  await openLoadAttachClose(50, () => undefined)
  expect(usage().fds).toBe(fds)
}, 120_000)

test('three million ring buffer events leave memory and file descriptors as they were', async () => {
  const skeleton = await generateSkeleton()
  await ringEvents(skeleton, 1_500_000, () => undefined)
  const { fds, rss } = usage()
  await ringEvents(skeleton, 3_000_000, () => undefined)
  const after = usage()
  expect(after.fds).toBe(fds)
  // A leak of 32 bytes per event would be 96 MB.
  expect(after.rss - rss).toBeLessThan(60e6)
}, 120_000)
