import { expect } from 'vitest'
import { type Watcher, type WatcherSkeleton, watch } from './watch.ts'

/**
 * Hits a hook 23 times, and expects that many runs of its program; then does what is near but different, and expects none.
 * @returns what the program saw of the last hit
 */
export function fires<Seen extends object>(
  skeleton: WatcherSkeleton<Watcher<Seen>>,
  hit: (n: number) => unknown,
  near: () => unknown,
): Promise<Seen> {
  return watch(skeleton, async ({ data: { bss } }) => {
    for (let n = 1; n <= 23; n++) hit(n)
    expect(bss.hits).toBe(23)
    const { seen } = bss
    await near()
    expect(bss.hits).toBe(23)
    return seen
  })
}
