import { BpfError } from '../../errors/bpf-error.ts'
import { ENOENT, elementError } from '../element-error.ts'
import { hasNoBatch } from './batch.ts'
import type { BatchBuffer, BatchTarget } from './batch.ts'
import { elementCalls } from './elements.ts'

/** Whether a map's type and kernel have batches, as far as is known. */
export interface BatchSupport {
  missing: boolean
}

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
  how: { flags: number; before: number; support: BatchSupport },
): void {
  const { flags, before, support } = how
  if (filled === 0) return
  if (!support.missing && (flags & CONDITIONAL) === 0) {
    const errno = buffer.update(fd, 0, filled, flags)
    if (errno === 0) return
    if (!hasNoBatch(errno) || buffer.length > 0) {
      throw refused(target, errno, before + buffer.length)
    }
    support.missing = true
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
  support: BatchSupport,
): number {
  let deleted = 0
  let from = 0
  while (from < filled && !support.missing) {
    const errno = buffer.delete(fd, from, filled)
    if (errno === 0) return deleted + filled - from
    if (errno === -ENOENT) {
      // The kernel stops at a key that is not there; go on behind it.
      deleted += buffer.length
      from += buffer.length + 1
    } else if (from === 0 && hasNoBatch(errno)) {
      support.missing = true
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
