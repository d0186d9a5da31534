import { expect, test } from 'vitest'
import { kernelTooOld } from './kernel.ts'

test('a kernel of the version itself, or newer, is new enough', () => {
  expect(kernelTooOld('6.4', '6.4.0')).toBe('')
  expect(kernelTooOld('6.4', '6.12.117+deb13-cloud-amd64')).toBe('')
  expect(kernelTooOld('5.17', '6.1.0-32-amd64')).toBe('')
  expect(kernelTooOld(undefined, '5.10.0')).toBe('')
})

test('an older kernel is named in the reason', () => {
  expect(kernelTooOld('6.4', '6.1.0-32-amd64')).toBe(' (needs Linux 6.4, this is 6.1.0-32-amd64)')
  expect(kernelTooOld('5.17', '5.10.0')).toContain('needs Linux 5.17')
})

test('a version for one architecture counts there only', () => {
  expect(kernelTooOld('6.4/arm64', '6.1.0-32', 'arm64')).toBe(
    ' (needs Linux 6.4 on arm64, this is 6.1.0-32)',
  )
  expect(kernelTooOld('6.4/arm64', '6.12.0', 'arm64')).toBe('')
  expect(kernelTooOld('6.4/arm64', '6.1.0-32', 'x64')).toBe('')
  expect(kernelTooOld('6.4/amd64', '6.1.0-32', 'x64')).toContain('needs Linux 6.4 on x64')
})

test('what is no version is refused', () => {
  expect(() => kernelTooOld('v6.4')).toThrow("'v6.4' is no kernel version")
  expect(() => kernelTooOld('6.4/sparc')).toThrow("'6.4/sparc' is no kernel version")
})
