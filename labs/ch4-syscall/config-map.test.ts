import { test } from '@ebpf-labs/harness'
import { createMap, u32 } from '@ebpf-labs/libbpf'
import { expect } from 'vitest'
import { message } from './build/hello-config.skel.ts'
import { openConfig } from './config-map.ts'

const codecs = { key: u32, value: message }
const hash = { type: 'hash', codecs, maxEntries: 4 } as const

test('a map is found by its name, as long as it is the only one, and by id or pin', ({
  pinFolder,
}) => {
  const name = `t${process.pid}`
  using first = createMap({ ...hash, name })
  first.set(1, { text: 'first' })
  using found = openConfig({ map: name })
  expect([...found]).toEqual([[1, { text: 'first' }]])

  using second = createMap({ ...hash, name })
  const id = String(second.info().id)
  expect(() => openConfig({ map: name })).toThrow(
    new RegExp(`^2 maps have the name '${name}'. Say which one with --id:\\n.*\\n  ${id}: hash`),
  )
  second.set(2, { text: 'second' })
  using byId = openConfig({ map: name, id })
  expect([...byId.keys()]).toEqual([2])

  first.pin(`${pinFolder}/config`)
  using pinned = openConfig({ map: 'another', pinned: `${pinFolder}/config` })
  expect([...pinned.keys()]).toEqual([1])
})

test('a map that is not there, or is another one, is told', ({ pinFolder }) => {
  const name = `t${process.pid}`
  expect(() => openConfig({ map: name })).toThrow(
    new RegExp(`^no map has the name '${name}'.* Start hello-config`),
  )
  using other = createMap({ ...hash, codecs: { key: u32, value: u32 }, name })
  expect(() => openConfig({ map: name })).toThrow('expected value size 16, got 4')
  expect(() => openConfig({ map: name, id: 'config' })).toThrow("and got 'config'")
  expect(() => openConfig({ map: name, id: '4294967295' })).toThrow('List the maps there are')
  expect(() => openConfig({ map: name, pinned: `${pinFolder}/none` })).toThrow(
    'Nothing is pinned there',
  )
  expect(other.size).toBe(0)
})
