import { execFileSync } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import { expect, test } from 'vitest'
import { vethPair } from '../../test/network.ts'
import { thrown } from '../../test/thrown.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { insideNetns } from './netns.ts'

const own = () => readlinkSync('/proc/thread-self/ns/net')

test('what is done inside happens in that namespace, and the thread comes back', () => {
  using net = vethPair()
  const home = own()
  const [there, child] = insideNetns(net.netns, () => {
    return [own(), execFileSync('readlink', ['/proc/self/ns/net'], { encoding: 'utf8' })]
  })
  expect(there).not.toBe(home)
  expect(child?.trim()).toBe(there)
  expect(own()).toBe(home)
})

test('it comes back after an error, too', () => {
  using net = vethPair()
  const home = own()
  const fails = () => {
    throw new Error('inside')
  }
  expect(() => insideNetns(net.netns, fails)).toThrow('inside')
  expect(own()).toBe(home)
})

test('an async function is refused: the rest of it would run outside', () => {
  expect(() => insideNetns('/proc/self/ns/net', async () => own())).toThrow(TypeError)
})

test('what is no network namespace is named, with where to look', () => {
  const missing = thrown(BpfError, () => insideNetns('/run/netns/no-such', own))
  expect(missing.message).toContain("cannot enter network namespace '/run/netns/no-such'")
  expect(missing.hint).toContain('ip netns list')
  const other = thrown(BpfError, () => insideNetns('/proc/self/ns/uts', own))
  expect(other.code).toBe('EINVAL')
})
