import { readBatches } from './batch.ts'
import type { BatchTarget, RawBatch } from './batch.ts'
import { readOneByOne } from './walk.ts'
import type { MissingBatches } from './write.ts'

/**
 * Reads a whole map: in batches as far as the kernel has them for this type, key by key from there.
 *
 * @param fd called before each call: throws when the map is closed
 * @param take delete what is read
 * @param missing what is known to have no batches; grows by what is found
 */
export function* readEntries(
  target: BatchTarget,
  fd: () => number,
  take: boolean,
  missing: MissingBatches,
): Generator<RawBatch, void> {
  const operation = take ? 'take' : 'read'
  const end = missing.has(operation) ? 'none' : yield* readBatches(target, fd, take)
  if (end === 'all') return
  if (end === 'none') missing.add(operation)
  yield* readOneByOne(target, fd, take, end === 'none' ? undefined : end.after)
}
