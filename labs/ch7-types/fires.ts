import { expect } from 'vitest'
import { type Watcher, type WatcherSkeleton, watch } from './watch.ts'

/**
 * Hits a hook 23 times, and expects that many runs of its program; then does what is near but different, and expects none.
 * @returns what the program saw of the last hit
 */
export function fires<Loaded extends Watcher<object>>(
  skeleton: WatcherSkeleton<Loaded>,
  hit: (n: number) => unknown,
  near: () => unknown,
  attach?: (watcher: Loaded) => Disposable,
): Promise<Loaded['data']['bss']['seen']> {
  const body = async ({ data: { bss } }: Loaded) => {
    for (let n = 1; n <= 23; n++) hit(n)
    expect(bss.hits).toBe(23)
    const { seen } = bss
    await near()
    expect(bss.hits).toBe(23)
    return seen
  }
  return watch(skeleton, body, attach)
}
