import { hostIsLittleEndian as le } from '../codec/byte-order.ts'
import type { Codec } from '../codec/codec.ts'
import { BpfError } from '../errors/bpf-error.ts'

/** `__u32` index into an array map: anything but 0 … 2^32 - 1 is refused here, too large a one by the kernel. */
export const indexCodec: Codec<number> = {
  size: 4,
  read: (view, at) => view.getUint32(at, le),
  write(view, at, index, name) {
    if (!Number.isInteger(index) || index < 0 || index > 0xffff_ffff) {
      throw new BpfError({
        operation: 'encode',
        subject: name ?? 'index',
        expected: 'an index: an integer from 0',
        got: typeof index === 'bigint' ? `${String(index)}n` : String(index),
      })
    }
    view.setUint32(at, index, le)
  },
}
