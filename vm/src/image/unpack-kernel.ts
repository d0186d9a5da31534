import { zstdDecompressSync } from 'node:zlib'
import { HostError } from '../errors.ts'
import { isLegacyLz4, unpackLegacyLz4 } from './lz4.ts'

const zstdMagic = 0xfd2fb528

/**
 * The ELF vmlinux inside an x86 bzImage.
 * Layout: Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header".
 * @throws HostError if it is not a bzImage, or packed in a way that is not known here.
 */
export function unpackBzImage(image: Buffer, name: string): Buffer {
  if (image.toString('latin1', 0x202, 0x206) !== 'HdrS') {
    throw new HostError(`${name}: not a bzImage (no "HdrS" at 0x202)`)
  }
  const setupSectors = image.readUInt8(0x1f1) || 4
  const start = (setupSectors + 1) * 512 + image.readUInt32LE(0x248)
  const payload = image.subarray(start, start + image.readUInt32LE(0x24c))
  const kernel = unpack(payload, name)
  if (kernel.toString('latin1', 0, 4) !== '\x7fELF') {
    throw new HostError(`${name}: no ELF kernel inside`)
  }
  return kernel
}

/** The last four bytes of the payload are the unpacked size, appended by the kernel's build. */
function unpack(payload: Buffer, name: string): Buffer {
  const packed = payload.subarray(0, -4)
  try {
    if (packed.readUInt32LE(0) === zstdMagic) return zstdDecompressSync(packed)
    if (isLegacyLz4(packed)) return unpackLegacyLz4(packed, payload.readUInt32LE(packed.length))
  } catch (error) {
    throw new HostError(
      `${name}: damaged: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
  throw new HostError(
    `${name}: packed with something else than zstd or LZ4, which is not supported`,
  )
}

/**
 * Debian packages arm64 kernels as they are booted: this checks that it is so.
 * Layout: Documentation/arch/arm64/booting.rst, "Call the kernel image".
 * @throws HostError if it is not an uncompressed arm64 Image.
 */
export function checkArm64Image(image: Buffer, name: string): Buffer {
  if (image.toString('latin1', 0x38, 0x3c) === 'ARM\x64') return image
  throw new HostError(`${name}: not an uncompressed arm64 kernel (no "ARM\\x64" at 0x38)`)
}
