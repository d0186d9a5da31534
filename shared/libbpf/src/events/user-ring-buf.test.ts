import { expect, test } from 'vitest'
import { EventsObject } from '../../test/events.ts'
import { thrown } from '../../test/thrown.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { ClosedError } from '../errors/closed-error.ts'

test('a program receives the values that were sent', () => {
  using o = new EventsObject()
  using writer = o.commands.open()
  for (let i = 1n; i <= 23n; i += 1n) expect(writer.send(i)).toBe(true)
  expect(writer.pending).toBe(23 * 16)
  expect(o.drain()).toBe(23)
  expect(o.bss('sum')).toBe((23n * 24n) / 2n)
  expect(writer.pending).toBe(0)
})

test('a discarded sample is skipped, one that is not submitted holds up those behind it', () => {
  using o = new EventsObject()
  using writer = o.commands.open()
  const first = writer.reserve(8)!
  const second = writer.reserve(8)!
  const third = writer.reserve(8)!
  new DataView(first.bytes.buffer, first.bytes.byteOffset).setBigUint64(0, 5n, true)
  new DataView(third.bytes.buffer, third.bytes.byteOffset).setBigUint64(0, 7n, true)
  third.submit()
  second.discard()
  expect(() => o.drain()).not.toThrow()
  expect(o.bss('received')).toBe(0n)
  first.submit()
  o.drain()
  expect(o.bss('received')).toBe(2n)
  expect(o.bss('sum')).toBe(12n)
})

test('a full ring refuses without an error, and a waiting reservation goes on when a program drains', async () => {
  using o = new EventsObject()
  using writer = o.commands.open()
  let sent = 0
  while (writer.send(1n)) sent += 1
  expect(sent).toBe(4096 / 16)
  const waiting = writer.reserveWhenFree(8)
  setTimeout(() => o.drain(), 20)
  const sample = await waiting
  sample.bytes.fill(0)
  sample.submit()
  expect(o.bss('received')).toBe(BigInt(sent))
  o.drain()
  expect(o.bss('received')).toBe(BigInt(sent) + 1n)
})

test('waiting for room ends with the signal, and with close()', async () => {
  using o = new EventsObject()
  using writer = o.commands.open()
  while (writer.send(1n));
  const stop = new AbortController()
  const aborted = writer.reserveWhenFree(8, { signal: stop.signal })
  setTimeout(() => stop.abort(), 5)
  await expect(aborted).rejects.toThrow('aborted')
  const closed = writer.reserveWhenFree(8)
  setTimeout(() => writer.close(), 5)
  await expect(closed).rejects.toThrow(ClosedError)
})

test('samples that never fit, wrong values and late use are errors', () => {
  using o = new EventsObject()
  const writer = o.commands.open()
  for (const size of [4089, -1, 1.5, NaN, 2 ** 40]) {
    expect(thrown(BpfError, () => writer.reserve(size)).message).toContain('from 0 to 4088')
  }
  expect(() => writer.send(2n ** 64n)).toThrow(/bigint from 0n/)
  expect(() => o.commands.open()).toThrow(/open already/)
  const sample = writer.reserve(8)!
  sample.submit()
  expect(() => sample.submit()).toThrow(/already/)
  expect(() => sample.discard()).toThrow(/already/)
  const kept = writer.reserve(8)!
  writer.close()
  writer.close()
  expect(kept.bytes.length).toBe(0)
  expect(() => kept.submit()).toThrow(ClosedError)
  expect(() => writer.send(1n)).toThrow(ClosedError)
  o.commands.open().close()
})

test('samples of any size wrap around the end of the ring', () => {
  using o = new EventsObject()
  using writer = o.commands.open()
  let expected = 0n
  for (let i = 0; i < 500; i += 1) {
    const sample = writer.reserve(8 + (i % 40))!
    sample.bytes.fill(0)
    new DataView(sample.bytes.buffer, sample.bytes.byteOffset).setBigUint64(0, BigInt(i), true)
    sample.submit()
    expected += BigInt(i)
    if (i % 20 === 19) o.drain()
  }
  expect(o.bss('received')).toBe(500n)
  expect(o.bss('sum')).toBe(expected)
})
