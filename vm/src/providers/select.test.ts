import { expect, test } from 'vitest'
import { selectProvider } from './select.ts'

test('without LAB_VM, Linux gets QEMU and macOS gets Lima', () => {
  expect(selectProvider({}, 'linux')).toBe('qemu')
  expect(selectProvider({ LAB_VM: '' }, 'darwin')).toBe('lima')
})

test('inside a machine, commands run in place, whatever LAB_VM says', () => {
  expect(selectProvider({ EBPF_LABS_GUEST: '1' }, 'linux')).toBe('native')
  expect(selectProvider({ EBPF_LABS_GUEST: '1', LAB_VM: 'compose' }, 'linux')).toBe('native')
})

test('LAB_VM chooses, and what does not exist is refused with what does', () => {
  expect(selectProvider({ LAB_VM: 'vagrant' }, 'darwin')).toBe('vagrant')
  expect(() => selectProvider({ LAB_VM: 'docker' }, 'linux')).toThrow(
    /LAB_VM=docker: no such kind of machine\. There is: qemu, lima, vagrant, compose, native\./,
  )
})
