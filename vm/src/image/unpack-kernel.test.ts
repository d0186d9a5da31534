import { zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { unpackKernel } from './unpack-kernel.ts'

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

const pack = (kernel: Buffer): Buffer => {
  const size = Buffer.alloc(4)
  size.writeUInt32LE(kernel.length)
  return Buffer.concat([zstdCompressSync(kernel), size])
}

test('the ELF kernel comes out of a bzImage', () => {
  const kernel = Buffer.from('\x7fELF and the rest of it', 'latin1')
  expect(unpackKernel(bzImage(pack(kernel)), 'vmlinuz')).toEqual(kernel)
})

test('what is not a kernel is refused by name', () => {
  expect(() => unpackKernel(Buffer.alloc(4096), 'vmlinuz')).toThrow('vmlinuz: not a bzImage')
  const lz4 = Buffer.from('02214c1800000000', 'hex')
  expect(() => unpackKernel(bzImage(lz4), 'vmlinuz')).toThrow('something else than zstd')
  expect(() => unpackKernel(bzImage(pack(Buffer.from('none'))), 'k')).toThrow('k: no ELF kernel')
})
