import { HostError } from '../errors.ts'

// struct btf_header of include/uapi/linux/btf.h starts with magic, version 1 and flags 0.
const start = Buffer.from('9feb0100', 'hex')
/** hdr_len, type_off, type_len, str_off and str_len included; later kernels may append more. */
const shortestHeader = 24

/**
 * The BTF of a kernel, raw: what the .BTF section of its vmlinux holds, and
 * /sys/kernel/btf/vmlinux when it runs. It is found by its header, since an arm64 Image has
 * no sections; modules' BTF is elsewhere, so the largest one is the kernel's.
 * @throws HostError if there is none.
 */
export function kernelBtf(kernel: Buffer, name: string): Buffer {
  let largest: Buffer | undefined
  for (let at = kernel.indexOf(start); at !== -1; at = kernel.indexOf(start, at + 1)) {
    const size = sizeAt(kernel, at)
    if (size > (largest?.length ?? 0)) largest = kernel.subarray(at, at + size)
  }
  if (largest) return largest
  throw new HostError(`${name}: no BTF inside: was it built without CONFIG_DEBUG_INFO_BTF?`)
}

/** The size in bytes of the BTF that starts here, or 0 if none does. */
function sizeAt(kernel: Buffer, at: number): number {
  if (at + shortestHeader > kernel.length) return 0
  const field = (offset: number): number => kernel.readUInt32LE(at + offset)
  const headerLength = field(4)
  const [types, typesLength, strings, stringsLength] = [field(8), field(12), field(16), field(20)]
  const end = headerLength + strings + stringsLength
  const isBtf =
    headerLength >= shortestHeader &&
    headerLength <= 256 &&
    types + typesLength <= strings &&
    at + end <= kernel.length &&
    // The string section starts with the empty string and ends with a null byte.
    kernel[at + headerLength + strings] === 0 &&
    kernel[at + end - 1] === 0
  return isBtf ? end : 0
}
