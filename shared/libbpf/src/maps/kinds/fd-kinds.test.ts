import { closeSync, existsSync, mkdtempSync, openSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { thrown } from '../../../test/thrown.ts'
import { u32, u64 } from '../../codec/scalars.ts'
import { BpfError } from '../../errors/bpf-error.ts'
import { UnsupportedError } from '../../errors/unsupported-error.ts'
import { bindLibc } from '../../ffi/libc.ts'
import { createMap } from '../create.ts'

const LOOPBACK = 1
const AF_INET = 2
const SOCK_STREAM = 1
const socket = bindLibc<(family: number, type: number, protocol: number) => number>(
  'int socket(int domain, int type, int protocol)',
)
const listen = bindLibc<(fd: number, backlog: number) => number>('int listen(int fd, int backlog)')

/** A file descriptor that is closed at the end of the block. */
function own(fd: number): Disposable & { readonly fd: number } {
  if (fd < 0) throw new Error('no file descriptor')
  return { fd, [Symbol.dispose]: () => closeSync(fd) }
}

/** A listening TCP socket, which a socket map takes. */
function listening(): ReturnType<typeof own> {
  const server = own(socket(AF_INET, SOCK_STREAM, 0))
  if (listen(server.fd, 1) !== 0) throw new Error('cannot listen')
  return server
}

test('a socket map holds sockets and tells their cookies', () => {
  using server = listening()
  using file = own(openSync('/dev/null', 'r'))
  for (const type of ['sockmap', 'sockhash'] as const) {
    using map = createMap({ type, keySize: 4, valueSize: 8, maxEntries: 4, codecs: { key: u32 } })
    map.set(2, server)
    expect(map.cookie(2)).toBeGreaterThan(0n)
    expect(map.cookie(1)).toBeUndefined()
    expect(map.delete(2)).toBe(true)
    expect(map.delete(2)).toBe(false)
    expect(thrown(BpfError, () => map.set(1, file)).code).toBe('ENOTSOCK')
    expect(thrown(BpfError, () => map.set(1, -1)).message).toContain('file descriptor')
  }
})

test('a map that the kernel does not let anyone read says so', () => {
  using map = createMap({ type: 'cgroup_array', maxEntries: 2 })
  const error = thrown(UnsupportedError, () => map.cookie(0))
  expect(error.message).toContain('cgroup_array')
})

test('a device map tells the device it redirects to', () => {
  for (const type of ['devmap', 'devmap_hash'] as const) {
    using map = createMap({ type, valueSize: 4, maxEntries: 4 })
    map.set(3, { ifindex: LOOPBACK })
    expect(map.get(3)).toEqual({ ifindex: LOOPBACK })
    expect([...map]).toContainEqual([3, { ifindex: LOOPBACK }])
    expect(thrown(BpfError, () => map.set(0, { ifindex: -1 })).message).toContain('ifindex')
    expect(thrown(BpfError, () => map.set(0, { ifindex: 1_000_000 })).code).toBe('EINVAL')
    expect(map.delete(3)).toBe(true)
  }
  using map = createMap({ type: 'devmap', valueSize: 8, maxEntries: 4 })
  map.set(0, { ifindex: LOOPBACK })
  expect(map.get(0)).toEqual({ ifindex: LOOPBACK })
})

test('a CPU map tells the size of its queues', () => {
  using map = createMap({ type: 'cpumap', valueSize: 8, maxEntries: 4 })
  map.set(0, { qsize: 192 })
  expect(map.get(0)).toEqual({ qsize: 192 })
  expect(thrown(BpfError, () => map.set(0, { qsize: NaN })).message).toContain('qsize')
})

test('sockets, files and cgroups have storage, reached by their descriptors', () => {
  using tcp = own(socket(AF_INET, SOCK_STREAM, 0))
  using file = own(openSync(join(mkdtempSync(join(tmpdir(), 'maps-')), 'file'), 'w'))
  for (const [type, owner, wrong] of [
    ['sk_storage', tcp, file],
    ['inode_storage', file, { fd: 1_000_000 }],
  ] as const) {
    using map = createMap({ type, codecs: { value: u64 } })
    expect(map.get(owner)).toBeUndefined()
    map.set(owner, 23n)
    expect(map.get(owner)).toBe(23n)
    map.set(owner, 24n, { mode: 'exist' })
    expect(thrown(BpfError, () => map.set(owner, 1n, { mode: 'noexist' })).code).toBe('EEXIST')
    expect(map.delete(owner)).toBe(true)
    expect(map.has(owner)).toBe(false)
    expect(thrown(BpfError, () => map.get(wrong)).code).toMatch(/ENOTSOCK|EINVAL|EBADF/)
  }
})

test('a cgroup has storage', () => {
  using cgroup = own(
    openSync(
      existsSync('/sys/fs/cgroup/unified') ? '/sys/fs/cgroup/unified' : '/sys/fs/cgroup',
      'r',
    ),
  )
  using map = createMap({ type: 'cgrp_storage', codecs: { value: u64 } })
  map.set(cgroup, 5n)
  expect(map.get(cgroup)).toBe(5n)
  map.delete(cgroup)
})

test('an arena is memory, which is detached when the map is closed', () => {
  const map = createMap({ type: 'arena', maxEntries: 4 })
  const numbers = new Uint32Array(map.memory())
  numbers[1500] = 7
  expect(new Uint32Array(map.memory())[1500]).toBe(7)
  expect(map.memory().byteLength).toBeGreaterThanOrEqual(4 * 4096)
  map.close()
  expect(numbers.length).toBe(0)
  expect(() => map.memory()).toThrow(/closed/)
})
