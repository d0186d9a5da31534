import { closeSync } from 'node:fs'
import { hostIsLittleEndian as le } from '../codec/byte-order.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { bindLibbpf } from '../ffi/libbpf.ts'

const btfLoad = bindLibbpf<(data: Uint8Array, size: number, opts: null) => number>(
  'int bpf_btf_load(const void *btf_data, size_t size, const void *opts)',
)

const KIND_INT = 1
const KIND_ARRAY = 3
const HEADER_SIZE = 24

/**
 * Loads the smallest BTF that a local-storage map can be created with: the kernel wants to know its
 * key as an `int` (type 1) and its value as something of `valueSize` bytes (type 3)
 * (kernel/bpf/bpf_local_storage.c, bpf_local_storage_map_check_btf; linux/btf.h).
 */
export function loadStorageBtf(valueSize: number): Disposable & { readonly fd: number } {
  const strings = new TextEncoder().encode('\0int\0u8\0')
  const types = [
    // struct btf_type { name_off, info, size } and its data
    [1, KIND_INT << 24, 4, (1 << 24) | 32], // signed, 32 bits
    [5, KIND_INT << 24, 1, 8],
    [0, KIND_ARRAY << 24, 0, 2, 1, valueSize],
  ].flat()
  const typeBytes = types.length * 4
  const data = new Uint8Array(HEADER_SIZE + typeBytes + strings.length)
  const view = new DataView(data.buffer)
  view.setUint16(0, 0xeb9f, le)
  view.setUint8(2, 1) // version
  view.setUint32(4, HEADER_SIZE, le)
  view.setUint32(12, typeBytes, le)
  view.setUint32(16, typeBytes, le)
  view.setUint32(20, strings.length, le)
  for (const [i, word] of types.entries()) view.setUint32(HEADER_SIZE + i * 4, word, le)
  data.set(strings, HEADER_SIZE + typeBytes)
  const fd = btfLoad(data, data.length, null)
  if (fd < 0) throw new BpfError({ operation: 'load BTF of a storage map', errno: fd })
  return { fd, [Symbol.dispose]: () => closeSync(fd) }
}
