import { zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { checkArm64Image, unpackBzImage } from './unpack-kernel.ts'

/** A bzImage with two setup sectors and a payload 16 bytes behind them. */
function bzImage(payload: Buffer): Buffer {
  const image = Buffer.alloc(3 * 512 + 16 + payload.length)
  image[0x1f1] = 2
  image.write('HdrS', 0x202, 'latin1')
  image.writeUInt32LE(16, 0x248)
  image.writeUInt32LE(payload.length, 0x24c)
  payload.copy(image, 3 * 512 + 16)
  return image
}

/** The payload as the kernel's build makes it: packed, and the unpacked size behind that. */
const payload = (packed: Buffer, size: number): Buffer => {
  const trailer = Buffer.alloc(4)
  trailer.writeUInt32LE(size)
  return Buffer.concat([packed, trailer])
}

/** Legacy LZ4 of up to 14 bytes: one block of literals. */
const lz4 = (content: Buffer): Buffer => {
  const header = Buffer.from('02214c180000000000', 'hex')
  header.writeUInt32LE(1 + content.length, 4)
  header[8] = content.length << 4
  return Buffer.concat([header, content])
}

const zstd = (kernel: Buffer): Buffer => payload(zstdCompressSync(kernel), kernel.length)
const elf = Buffer.from('\x7fELF and more', 'latin1')

test('the ELF kernel comes out of a bzImage, packed with zstd or LZ4', () => {
  expect(unpackBzImage(bzImage(zstd(elf)), 'vmlinuz')).toEqual(elf)
  expect(unpackBzImage(bzImage(payload(lz4(elf), elf.length)), 'vmlinuz')).toEqual(elf)
})

test('what is not a kernel is refused by name', () => {
  expect(() => unpackBzImage(Buffer.alloc(4096), 'vmlinuz')).toThrow('vmlinuz: not a bzImage')
  const xz = Buffer.from('fd377a585a0000000000', 'hex')
  expect(() => unpackBzImage(bzImage(xz), 'k')).toThrow('k: packed with something else than')
  expect(() => unpackBzImage(bzImage(zstd(Buffer.from('none'))), 'k')).toThrow('k: no ELF kernel')
  const damaged = payload(lz4(elf), elf.length + 1)
  expect(() => unpackBzImage(bzImage(damaged), 'vmlinuz')).toThrow(
    'vmlinuz: damaged: LZ4: 13 bytes',
  )
})

test('an arm64 kernel is taken as it is packaged, if it is one', () => {
  const image = Buffer.alloc(64)
  expect(() => checkArm64Image(image, 'vmlinuz')).toThrow('vmlinuz: not an uncompressed arm64')
  image.write('ARM\x64', 0x38, 'latin1')
  expect(checkArm64Image(image, 'vmlinuz')).toBe(image)
})
