import { constants } from 'node:os'
import { Attr, cString, textIn } from './attr.ts'
import type { Kernel } from './kernel.ts'

const { ENOENT } = constants.errno

/** A key as the kernel has it: 4 bytes. */
const keyOf = (number: number) => new Uint8Array(Uint32Array.of(number).buffer)
/** Memory for some keys. */
const room = (count: number) => new Uint32Array(count)
const bytesOf = (numbers: Uint32Array<ArrayBuffer>) => new Uint8Array(numbers.buffer)

/** `union bpf_attr` for a map and one of its keys. */
const elementAttr = (map: number, key: Uint8Array<ArrayBuffer>) =>
  new Attr(32).u32(0, 'map_fd', map).pointer(8, 'key', key)

/**
 * BPF_MAP_UPDATE_ELEM: stores a message.
 * @param text at most 15 bytes
 */
export function update(kernel: Kernel, map: number, key: number, text: string): void {
  const value = new Uint8Array(16)
  value.set(cString(text))
  kernel.bpf('MAP_UPDATE_ELEM', elementAttr(map, keyOf(key)).pointer(16, 'value', value), {
    E2BIG: 'The map is full.',
  })
}

/** BPF_MAP_LOOKUP_ELEM: reads a message; undefined if there is no such key. */
export function lookup(kernel: Kernel, map: number, key: number): string | undefined {
  const value = new Uint8Array(16)
  const attr = elementAttr(map, keyOf(key)).pointer(16, 'value', value)
  const result = kernel.tryBpf('MAP_LOOKUP_ELEM', attr)
  if (result === -ENOENT) return undefined
  if (result < 0) kernel.refuse('call bpf(BPF_MAP_LOOKUP_ELEM)', result)
  return textIn(value)
}

/** BPF_MAP_GET_NEXT_KEY: all keys, one call each. The first one comes after no key at all: a NULL pointer. */
export function keys(kernel: Kernel, map: number): number[] {
  const found: number[] = []
  for (;;) {
    const last = found.at(-1)
    const next = room(1)
    const attr = new Attr(24).u32(0, 'map_fd', map)
    if (last !== undefined) attr.pointer(8, 'key', keyOf(last))
    const result = kernel.tryBpf('MAP_GET_NEXT_KEY', attr.pointer(16, 'next_key', bytesOf(next)))
    if (result === -ENOENT) return found // that was the last one
    if (result < 0) kernel.refuse('call bpf(BPF_MAP_GET_NEXT_KEY)', result)
    found.push(next[0]!)
  }
}

/** BPF_MAP_LOOKUP_BATCH: up to `count` entries with one call (Linux 5.6). */
export function lookupBatch(kernel: Kernel, map: number, count: number): Map<number, string> {
  const numbers = room(count)
  const values = new Uint8Array(count * 16)
  const attr = new Attr(56)
    // 0: in_batch, where to go on: NULL at the beginning
    .pointer(8, 'out_batch', bytesOf(room(1)))
    .pointer(16, 'keys', bytesOf(numbers))
    .pointer(24, 'values', values)
    .u32(32, 'count', count)
    .u32(36, 'map_fd', map)
  const result = kernel.tryBpf('MAP_LOOKUP_BATCH', attr)
  // ENOENT: the end was reached. The kernel has written the number of entries into the struct.
  if (result < 0 && result !== -ENOENT) kernel.refuse('call bpf(BPF_MAP_LOOKUP_BATCH)', result)
  const read = attr.read('count')
  return new Map(
    [...numbers.subarray(0, read)].map((number, n) => [
      number,
      textIn(values.subarray(n * 16, n * 16 + 16)),
    ]),
  )
}
