import { hostIsLittleEndian as le } from '../../codec/byte-order.ts'
import type { Codec } from '../../codec/codec.ts'
import { BpfError } from '../../errors/bpf-error.ts'
import type { MapInit } from '../map.ts'
import { HashMap } from './hash-map.ts'

/** Key of a trie without a type of its own (linux/bpf.h, struct bpf_lpm_trie_key). */
export interface LpmKey {
  /** Leading bits of `data` that count, from the first byte's highest on. */
  prefixlen: number
  /** In network byte order, such as the 4 bytes of an IPv4 address. */
  data: Uint8Array
}

/**
 * A longest-prefix-match trie: `get` finds the entry whose prefix covers most of the key.
 *
 * Set the key's `prefixlen` to all bits to look up an address. Iteration goes from longer to shorter prefixes.
 */
export class LpmTrieMap<K = LpmKey, V = Uint8Array, KW = K, VW = V> extends HashMap<K, V, KW, VW> {
  constructor(init: MapInit) {
    super(init, lpmKey(init))
  }
}

/** Checks the prefix length, of which the kernel only says "invalid argument". */
function lpmKey(init: MapInit): Codec<unknown> {
  const given = init.codecs?.key
  // A `struct bpf_lpm_trie_key` has a flexible array: its codec knows 4 bytes, whatever the map's key size.
  const codec: Codec<unknown> =
    given && given.size === init.keySize ? given : rawLpmKey(init.keySize)
  const bits = (init.keySize - 4) * 8
  return {
    size: codec.size,
    read: (view, at, end) => codec.read(view, at, end),
    write(view, at, key, name) {
      codec.write(view, at, key, name)
      const prefixlen = view.getUint32(at, le)
      if (prefixlen <= bits) return
      throw new BpfError({
        operation: 'encode',
        subject: name ?? 'key',
        expected: `a prefixlen from 0 to ${bits}`,
        got: String(prefixlen),
      })
    },
  }
}

function rawLpmKey(size: number): Codec<LpmKey> {
  return {
    size,
    read: (view, at) => ({
      prefixlen: view.getUint32(at, le),
      data: new Uint8Array(view.buffer, view.byteOffset + at + 4, size - 4).slice(),
    }),
    write(view, at, { prefixlen, data }, name) {
      if (!Number.isInteger(prefixlen) || prefixlen < 0 || data.length !== size - 4) {
        throw new BpfError({
          operation: 'encode',
          subject: name ?? 'key',
          expected: `{ prefixlen, data } with a whole number and ${size - 4} bytes`,
          got: `{ prefixlen: ${prefixlen}, data: ${data.length} bytes }`,
        })
      }
      view.setUint32(at, prefixlen, le)
      new Uint8Array(view.buffer, view.byteOffset + at + 4, size - 4).set(data)
    },
  }
}
