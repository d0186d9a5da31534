import { BpfError } from '../../errors/bpf-error.ts'
import { ENOENT, elementError } from '../element-error.ts'
import { hasNoBatch } from './batch.ts'
import type { BatchBuffer, BatchTarget } from './batch.ts'
import { elementCalls } from './elements.ts'

/** What a map's type or kernel is known to have no batches for; an array of maps has all but `delete`. */
export type MissingBatches = Set<'read' | 'take' | 'write' | 'delete'>

/** BPF_NOEXIST and BPF_EXIST, which the kernel takes for single updates alone (kernel/bpf/syscall.c). */
const CONDITIONAL = 3

/**
 * Stores the first `filled` entries of a buffer.
 *
 * @param before entries that went ahead of the buffer, to number the one that is refused
 * @throws {BpfError} which entry the kernel refused; those ahead of it are stored
 */
export function writeEntries(
  target: BatchTarget,
  fd: number,
  buffer: BatchBuffer,
  filled: number,
  how: { flags: number; before: number; missing: MissingBatches },
): void {
  const { flags, before, missing } = how
  if (filled === 0) return
  if (!missing.has('write') && (flags & CONDITIONAL) === 0) {
    const errno = buffer.update(fd, 0, filled, flags)
    if (errno === 0) return
    if (!hasNoBatch(errno) || buffer.length > 0) {
      throw refused(target, errno, before + buffer.length)
    }
    missing.add('write')
  }
  const calls = elementCalls()
  for (let i = 0; i < filled; i += 1) {
    const errno = calls.update(fd, buffer.keyAddress(i), buffer.valueAddress(i), flags)
    if (errno < 0) throw refused(target, errno, before + i)
  }
}

function refused(target: BatchTarget, errno: number, index: number): BpfError {
  const cause = elementError('write map', target, errno)
  return new BpfError({
    operation: 'write map',
    subject: target.name,
    problem: `entry ${index} of the batch is refused, those before it are stored`,
    errno,
    hint: cause.hint,
    cause,
  })
}

/** Deletes the first `filled` keys of a buffer, and says how many of them were there. */
export function deleteEntries(
  target: BatchTarget,
  fd: number,
  buffer: BatchBuffer,
  filled: number,
  missing: MissingBatches,
): number {
  let deleted = 0
  let from = 0
  while (from < filled && !missing.has('delete')) {
    const errno = buffer.delete(fd, from, filled)
    if (errno === 0) return deleted + filled - from
    if (errno === -ENOENT) {
      // The kernel stops at a key that is not there; go on behind it.
      deleted += buffer.length
      from += buffer.length + 1
    } else if (from === 0 && hasNoBatch(errno)) {
      missing.add('delete')
    } else {
      throw elementError('delete from map', target, errno)
    }
  }
  return deleted + deleteOneByOne(target, fd, buffer, { from, to: filled })
}

function deleteOneByOne(
  target: BatchTarget,
  fd: number,
  buffer: BatchBuffer,
  range: { from: number; to: number },
): number {
  const calls = elementCalls()
  let deleted = 0
  for (let i = range.from; i < range.to; i += 1) {
    const errno = calls.delete(fd, buffer.keyAddress(i))
    if (errno < 0 && errno !== -ENOENT) throw elementError('delete from map', target, errno)
    if (errno === 0) deleted += 1
  }
  return deleted
}
