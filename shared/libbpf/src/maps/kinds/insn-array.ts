import { hostIsLittleEndian as le } from '../../codec/byte-order.ts'
import { integer } from '../../codec/check.ts'
import type { Codec } from '../../codec/codec.ts'
import type { MapInit } from '../map.ts'
import { ArrayBase } from './array-map.ts'

/** An instruction of a program, and where the kernel put it (linux/bpf.h, struct bpf_insn_array_value). */
export interface InsnOffset {
  /** Index of the instruction in the program as it is loaded. */
  original: number
  /** Index after the verifier rewrote the program; 0 until it is loaded, undefined if it was removed. */
  xlated?: number | undefined
  /** Bytes from the beginning of the machine code; 0 until it is loaded, undefined if it was removed. */
  jited?: number | undefined
}

/**
 * Addresses of instructions, for indirect jumps such as those of a `switch` (Linux 6.19).
 *
 * Set the original indexes and freeze the map, then load the one program that uses it: the kernel fills in the rest.
 */
export class InsnArray extends ArrayBase<InsnOffset> {
  constructor(init: MapInit) {
    super(init, offsets)
  }
}

/** The kernel's mark for an instruction that the verifier removed (kernel/bpf/bpf_insn_array.c). */
const REMOVED = 0xffff_ffff

/** `__u32 orig_off, xlated_off, jitted_off` and padding; only the first may be written. */
const offsets: Codec<InsnOffset> = {
  size: 16,
  read(view, at) {
    const xlated = view.getUint32(at + 4, le)
    const there = xlated !== REMOVED
    return {
      original: view.getUint32(at, le),
      xlated: there ? xlated : undefined,
      jited: there ? view.getUint32(at + 8, le) : undefined,
    }
  },
  write(view, at, { original }, name = 'value') {
    view.setUint32(at, integer(original, 0, REMOVED, `${name}.original`), le)
    for (const field of [4, 8, 12]) view.setUint32(at + field, 0, le)
  },
}
