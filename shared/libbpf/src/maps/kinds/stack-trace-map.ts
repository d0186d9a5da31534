import { hostIsLittleEndian as le } from '../../codec/byte-order.ts'
import type { Codec } from '../../codec/codec.ts'
import { indexCodec } from '../index-codec.ts'
import { MapFlag } from '../flags.ts'
import type { MapInit } from '../map.ts'
import { KeyedMap } from './keyed-map.ts'

/**
 * Stacks that `bpf_get_stackid()` collected, by the id it returned: addresses from the innermost frame on.
 *
 * With BPF_F_STACK_BUILD_ID the values are raw `struct bpf_stack_build_id` bytes.
 */
export class StackTraceMap<V = bigint[]> extends KeyedMap<number, V> {
  constructor(init: MapInit) {
    const raw = (init.flags & MapFlag.stackBuildId) !== 0
    super(init, indexCodec, raw ? undefined : addresses(init.valueSize))
  }
}

/** `__u64 ip[size / 8]` up to the first zero. */
function addresses(size: number): Codec<bigint[]> {
  return {
    size,
    read(view, at) {
      const stack: bigint[] = []
      for (let i = at; i < at + size; i += 8) {
        const address = view.getBigUint64(i, le)
        if (address === 0n) break
        stack.push(address)
      }
      return stack
    },
    write(view, at, stack) {
      for (let i = 0; i < size / 8; i += 1) view.setBigUint64(at + i * 8, stack[i] ?? 0n, le)
    },
  }
}
