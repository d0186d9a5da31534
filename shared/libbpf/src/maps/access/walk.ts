import { Memory } from '../../ffi/memory.ts'
import { ENOENT, elementError } from '../element-error.ts'
import { BatchBuffer } from './batch.ts'
import type { BatchTarget, RawBatch } from './batch.ts'
import { elementCalls } from './elements.ts'

/**
 * Reads a whole map key by key, for types and kernels without batches.
 *
 * The kernel's get_next_key starts again from the first key when the previous one was deleted
 * meanwhile. So the keys are collected first: one seen before means a restart, and the number of
 * steps is bounded by twice `maxEntries`, if there is such a number: cgroup storages have none, and no restarts. Entries that go before they are read are left out.
 *
 * @param take delete what is read; lookup and deletion are one step where the type allows it
 * @param after the key to go on behind; from the start if not given
 */
export function* readOneByOne(
  target: BatchTarget,
  fd: () => number,
  take: boolean,
  after?: Uint8Array,
): Generator<RawBatch, void> {
  const keys = collectKeys(target, fd, after)
  const buffer = new BatchBuffer(target)
  const calls = elementCalls()
  let filled = 0
  for (let i = 0; i < keys.length; i += target.keySize) {
    new Uint8Array(buffer.keys.buffer).set(
      keys.subarray(i, i + target.keySize),
      filled * target.keySize,
    )
    const key = buffer.keyAddress(filled)
    const value = buffer.valueAddress(filled)
    const errno = take ? takeOne(target, fd(), key, value) : calls.lookup(fd(), key, value, 0)
    if (errno < 0 && errno !== -ENOENT) {
      throw elementError(take ? 'drain map' : 'read map', target, errno)
    }
    if (errno === 0) filled += 1
    if (filled === buffer.capacity) {
      buffer.length = filled
      yield buffer
      filled = 0
    }
  }
  buffer.length = filled
  if (filled > 0) yield buffer
}

function takeOne(target: BatchTarget, fd: number, key: number, value: number): number {
  const calls = elementCalls()
  const errno = calls.take(fd, key, value, 0)
  if (errno === 0 || errno === -ENOENT) return errno
  // Not in one step on this type or kernel: what is written in between is lost, as everywhere.
  const read = calls.lookup(fd, key, value, 0)
  if (read < 0) return read
  const deleted = calls.delete(fd, key)
  if (deleted < 0 && deleted !== -ENOENT) throw elementError('delete from map', target, deleted)
  return deleted
}

/** All keys, or those behind one, one after the other, each once. */
export function collectKeys(target: BatchTarget, fd: () => number, after?: Uint8Array): Uint8Array {
  const { keySize } = target
  const calls = elementCalls()
  const pair = new Memory(2 * Math.ceil(keySize / 8) * 8)
  const next = pair.bytes.length / 2
  const seen = new Set<string>()
  const keys: Uint8Array[] = []
  const steps = target.maxEntries > 0 ? 2 * target.maxEntries + 2 : Infinity
  if (after) pair.bytes.set(after)
  let errno = calls.nextKey(fd(), after ? pair.address : 0, pair.address + next)
  for (let step = 0; errno === 0 && step < steps; step += 1) {
    const key = pair.bytes.slice(next, next + keySize)
    const text = Buffer.from(key.buffer).toString('latin1')
    if (!seen.has(text)) {
      seen.add(text)
      keys.push(key)
    }
    pair.bytes.copyWithin(0, next)
    errno = calls.nextKey(fd(), pair.address, pair.address + next)
  }
  if (errno < 0 && errno !== -ENOENT) throw elementError('read keys of map', target, errno)
  return Buffer.concat(keys)
}
