import { expect, test } from 'vitest'
import { kernelBtf } from './kernel-btf.ts'

/** Raw BTF with that many bytes of types, and one string. */
function btf(typesLength: number, headerLength = 24): Buffer {
  const strings = Buffer.from('\0task_struct\0')
  const header = Buffer.alloc(headerLength)
  header.writeUInt16LE(0xeb9f, 0)
  header[2] = 1
  const fields = [headerLength, 0, typesLength, typesLength, strings.length]
  for (const [index, value] of fields.entries()) header.writeUInt32LE(value, 4 + 4 * index)
  return Buffer.concat([header, Buffer.alloc(typesLength, 0x55), strings])
}

test('the largest BTF inside a kernel is taken, from its first byte to its last', () => {
  const kernel = Buffer.concat([Buffer.alloc(61), btf(8), Buffer.alloc(7), btf(64), btf(16)])
  expect(kernelBtf(kernel, 'vmlinuz')).toEqual(btf(64))
})

test('a header that is longer than the one known today is no obstacle', () => {
  expect(kernelBtf(Buffer.concat([Buffer.alloc(5), btf(64, 32)]), 'vmlinuz')).toEqual(btf(64, 32))
})

test('what only begins like BTF is not taken for it', () => {
  const cut = btf(64).subarray(0, -1)
  expect(() => kernelBtf(cut, 'vmlinuz')).toThrow('vmlinuz: no BTF inside')
  const unterminated = btf(64)
  unterminated[unterminated.length - 1] = 0x41
  expect(() => kernelBtf(unterminated, 'vmlinuz')).toThrow('vmlinuz: no BTF inside')
})
