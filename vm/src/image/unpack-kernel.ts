import { zstdDecompressSync } from 'node:zlib'
import { HostError } from '../errors.ts'

/**
 * The ELF vmlinux inside an x86 bzImage.
 * Layout: Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header".
 * @throws HostError if it is not a bzImage, or packed in a way that is not known here.
 */
export function unpackKernel(image: Buffer, name: string): Buffer {
  if (image.toString('latin1', 0x202, 0x206) !== 'HdrS') {
    throw new HostError(`${name}: not a bzImage (no "HdrS" at 0x202)`)
  }
  const setupSectors = image.readUInt8(0x1f1) || 4
  const start = (setupSectors + 1) * 512 + image.readUInt32LE(0x248)
  const payload = image.subarray(start, start + image.readUInt32LE(0x24c))
  if (payload.readUInt32LE(0) !== 0xfd2fb528) {
    throw new HostError(`${name}: packed with something else than zstd, which is not supported`)
  }
  // The last four bytes are the unpacked size, appended by the kernel's build.
  const kernel = zstdDecompressSync(payload.subarray(0, -4))
  if (kernel.readUInt32BE(0) !== 0x7f454c46) throw new HostError(`${name}: no ELF kernel inside`)
  return kernel
}
