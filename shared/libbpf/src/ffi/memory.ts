import koffi from 'koffi'

/**
 * Memory that keeps its address as long as it is referenced, to hand to C as a number.
 *
 * An `ArrayBuffer` of its own never moves; a small typed array without one could. The address alone does
 * not keep it: hold the `Memory` in something that is used after the call.
 */
export class Memory {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly view: DataView<ArrayBuffer>
  /** Address of the first byte; user space addresses stay below 2^53. */
  readonly address: number

  /** @param size bytes; at least 8 are allocated, so that there always is an address */
  constructor(size: number) {
    const buffer = new ArrayBuffer(Math.max(size, 8))
    this.bytes = new Uint8Array(buffer, 0, size)
    this.view = new DataView(buffer, 0, size)
    this.address = Number(koffi.address(buffer))
  }
}
