import { closeSync, mkdirSync, openSync, rmSync, rmdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { getpgid } from '../../test/syscalls.ts'
import { thrown } from '../../test/thrown.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { ClosedError } from '../errors/closed-error.ts'
import { VerifierError } from '../errors/verifier-error.ts'
import { probeKernel } from '../probe/kernel.ts'
import { bpf, tryBpf } from './bpf.ts'
import { Fd } from './fd.ts'
import { assemble } from './insn/assemble.ts'
import { objectIds, objectInfo, openById } from './objects.ts'
import { PERF_TYPE, perfEventOpen, pmuType, tracepointId } from './perf-event.ts'
import { possibleCpus } from './attr/possible-cpus.ts'
import { btfLoad, mapCreate, progLoad } from './prog-load.ts'

const hash = (): Fd =>
  mapCreate({ map_type: 1, key_size: 4, value_size: 8, max_entries: 32, map_name: 'counts' })
const RETURN_0 = assemble('r0 = 0\nexit')
const SOCKET_FILTER = 1
const TRACEPOINT = 5
const CGROUP_SKB = 8
const RAW_TRACEPOINT = 17

test('a map is written, read, walked and emptied by its system calls alone', () => {
  using map = hash()
  for (const n of [1, 2, 3]) {
    const value = new BigUint64Array([BigInt(n) * 11n])
    bpf('BPF_MAP_UPDATE_ELEM', { map_fd: map, key: new Uint32Array([n]), value })
  }
  const value = new BigUint64Array(1)
  bpf('BPF_MAP_LOOKUP_ELEM', { map_fd: map, key: new Uint32Array([2]), value })
  expect(value[0]).toBe(22n)

  const keys: number[] = []
  let key: Uint32Array | null = null
  const next = new Uint32Array(1)
  while (tryBpf('BPF_MAP_GET_NEXT_KEY', { map_fd: map, key, next_key: next }) === 0) {
    keys.push(next[0]!)
    key = Uint32Array.from(next)
  }
  expect(new Set(keys)).toEqual(new Set([1, 2, 3]))
  expect(keys).toHaveLength(3)

  bpf('BPF_MAP_DELETE_ELEM', { map_fd: map, key: new Uint32Array([2]) })
  const error = thrown(BpfError, () =>
    bpf('BPF_MAP_LOOKUP_ELEM', { map_fd: map, key: new Uint32Array([2]), value }),
  )
  expect(error.code).toBe('ENOENT')
})

test('a batch comes back with the number of elements that the kernel found', () => {
  using map = hash()
  const keys = Uint32Array.from({ length: 23 }, (_, i) => i)
  const values = BigUint64Array.from({ length: 23 }, (_, i) => BigInt(i * i))
  bpf('BPF_MAP_UPDATE_BATCH', { map_fd: map, keys, values, count: 23 })
  const attr = {
    map_fd: map,
    keys: new Uint32Array(32),
    values: new BigUint64Array(32),
    out_batch: new Uint32Array(1),
    count: 32,
  }
  expect(tryBpf('BPF_MAP_LOOKUP_BATCH', attr)).toBe(-2) // ENOENT: that was all
  expect(attr.count).toBe(23)
  expect(attr.keys.slice(0, 23).toSorted()).toEqual(keys)
})

test('a key or value that is too short never reaches the kernel', () => {
  using map = hash()
  const key = new Uint32Array([1])
  const short = thrown(BpfError, () =>
    bpf('BPF_MAP_LOOKUP_ELEM', { map_fd: map, key, value: new Uint32Array(1) }),
  )
  expect(short.message).toContain("'value': expected 8 bytes (the map's value size), got 4")
  using perCpu = mapCreate({ map_type: 6, key_size: 4, value_size: 4, max_entries: 1 })
  const each = thrown(BpfError, () =>
    bpf('BPF_MAP_LOOKUP_ELEM', { map_fd: perCpu, key, value: new Uint32Array(1) }),
  )
  expect(each.message).toContain(`expected ${8 * possibleCpus()} bytes`)
})

test('buffers that are shorter than the attributes say never reach the kernel', () => {
  const error = thrown(BpfError, () =>
    bpf('BPF_PROG_LOAD', {
      prog_type: SOCKET_FILTER,
      insns: RETURN_0,
      insn_cnt: 3,
      license: 'GPL',
    }),
  )
  expect(error.message).toContain("'insns': expected at least 24 bytes (insn_cnt says so), got 16")
})

test.each([
  [{ map_type: 1, key_sise: 4 }, "got 'key_sise'"],
  [{ map_type: -1 }, 'expected an integer from 0 to 4294967295, got -1'],
  [{ map_type: 1.5 }, 'got 1.5'],
  [{ map_type: 1, map_extra: 2 ** 60 }, 'expected a bigint or a safe integer'],
  [{ map_type: 1, map_name: 'no-dash' }, 'expected letters, digits, _ and .'],
  [{ map_type: 1, map_name: 'sixteen_letters_' }, 'expected at most 15 characters'],
])('attributes %o are refused', (attr, words) => {
  expect(thrown(BpfError, () => bpf('BPF_MAP_CREATE', attr)).message).toContain(words)
})

test('what the kernel refuses names the command and what to do', () => {
  const error = thrown(BpfError, () => bpf('BPF_OBJ_GET', { pathname: '/sys/fs/bpf/no_such_pin' }))
  expect(error).toMatchObject({ code: 'ENOENT', hint: 'Nothing is pinned at this path.' })
  expect(error.message).toContain("cannot call bpf(BPF_OBJ_GET) '/sys/fs/bpf/no_such_pin'")
})

test('a program without a log level still comes back with the verifier’s log', () => {
  const error = thrown(VerifierError, () =>
    progLoad({ prog_type: SOCKET_FILTER, insns: assemble('exit'), prog_name: 'nothing' }),
  )
  expect(error).toMatchObject({ program: 'nothing', code: 'EACCES' })
  expect(error.explanation?.id).toBe('uninitialised-register')
  expect(error.message.split('\n').length).toBeLessThanOrEqual(25)
  expect(error.log).toContain('R0 !read_ok')
})

test('a log that does not fit its first buffer is read whole', () => {
  const steps = Array.from({ length: 1500 }, (_, i) => `r${i % 5} = ${i}`).join('\n')
  const { fd, log } = progLoad({
    prog_type: SOCKET_FILTER,
    insns: assemble(`${steps}\nr0 = 0\nexit`),
    log_level: 2,
  })
  fd.close()
  expect(log.length).toBeGreaterThan(1 << 16)
  expect(log).toMatch(/^0: R1=ctx/m)
  expect(log).toMatch(/processed 1502 insns/)
})

test('BTF that is no BTF is refused with the kernel’s words', () => {
  const error = thrown(BpfError, () => btfLoad(new Uint8Array(64)))
  expect(error.message).toMatch(/cannot load BTF: .*magic/i)
})

test('a program is pinned, opened again by path and by id, and is gone when nothing holds it', () => {
  const path = `/sys/fs/bpf/raw_${process.pid}`
  const { fd: program } = progLoad({
    prog_type: SOCKET_FILTER,
    insns: RETURN_0,
    prog_name: 'pinned',
  })
  const id = objectInfo('prog', program).u32('id')
  bpf('BPF_OBJ_PIN', { pathname: path, bpf_fd: program })
  program.close()
  {
    using again = new Fd(bpf('BPF_OBJ_GET', { pathname: path }), 'pin')
    expect(objectInfo('prog', again).text('name')).toBe('pinned')
    using byId = openById('prog', id)
    expect(byId?.closed).toBe(false)
    expect([...objectIds('prog')]).toContain(id)
  }
  rmSync(path)
  expect(openById('prog', id)).toBeUndefined()
})

test('a test run gives back the program’s return value and data', () => {
  using program = progLoad({ prog_type: SOCKET_FILTER, insns: assemble('r0 = 77\nexit') }).fd
  const attr = {
    prog_fd: program,
    data_in: new Uint8Array(64),
    data_size_in: 64,
    data_out: new Uint8Array(64),
    data_size_out: 64,
    repeat: 3,
    retval: 0,
  }
  bpf('BPF_PROG_TEST_RUN', attr)
  expect(attr.retval).toBe(77)
})

/** Counts, in entry 0 of an array, the calls that this process makes. */
const counter = (map: Fd): Uint8Array =>
  assemble(`
    call bpf_get_current_pid_tgid
    r0 >>= 32
    if r0 != ${process.pid} goto done
    *(u32 *)(r10 -4) = 0
    r2 = r10
    r2 += -4
    r1 = map[fd:${map.fd}]
    call bpf_map_lookup_elem
    if r0 == 0 goto done
    r1 = 1
    lock *(u64 *)(r0 +0) += r1
  done:
    r0 = 0
    exit`)

const array = (): Fd =>
  mapCreate({ map_type: 2, key_size: 4, value_size: 8, max_entries: 1, map_name: 'hits' })

function first(map: Fd): bigint {
  const value = new BigUint64Array(1)
  bpf('BPF_MAP_LOOKUP_ELEM', { map_fd: map, key: new Uint32Array(1), value })
  return value[0]!
}

test('a program made by hand counts the calls of a tracepoint through a perf event', () => {
  using map = array()
  using program = progLoad({ prog_type: TRACEPOINT, insns: counter(map) }).fd
  {
    using event = perfEventOpen({
      type: PERF_TYPE.TRACEPOINT,
      config: tracepointId('syscalls/sys_enter_getpgid'),
      sample_period: 1,
    })
    event.setBpf(program)
    event.enable()
    getpgid(23)
    expect(first(map)).toBe(23n)
    const attr = {
      pid: process.pid,
      fd: event.fd,
      buf: new Uint8Array(64),
      buf_len: 64,
      prog_id: 0,
    }
    bpf('BPF_TASK_FD_QUERY', attr)
    expect(attr.prog_id).toBe(objectInfo('prog', program).u32('id'))
  }
  getpgid(5)
  expect(first(map)).toBe(23n)
})

test('the same program counts a raw tracepoint, and one through a link', () => {
  using map = array()
  using program = progLoad({ prog_type: RAW_TRACEPOINT, insns: counter(map) }).fd
  {
    const fd = bpf('BPF_RAW_TRACEPOINT_OPEN', { name: 'sys_enter', prog_fd: program })
    using _link = new Fd(fd, 'raw tracepoint')
    getpgid(23)
  }
  const seen = first(map)
  expect(seen).toBeGreaterThanOrEqual(23n)
  getpgid(5)
  expect(first(map)).toBe(seen)
})

test('an event that does not exist is refused with what to do', () => {
  expect(thrown(BpfError, () => tracepointId('no/such_event')).hint).toContain('tracefs')
  expect(thrown(BpfError, () => perfEventOpen({ type: 999 })).code).toMatch(/ENOENT|EINVAL/)
  expect(thrown(BpfError, () => pmuType('no_such_source')).hint).toContain('CONFIG_')
})

test('a link to a cgroup gets another program, is listed, and lets go', () => {
  const root = probeKernel().mounts.cgroup2!
  const path = `${root}/raw_${process.pid}`
  mkdirSync(path)
  const target = openSync(path, 'r')
  try {
    const load = (): Fd => progLoad({ prog_type: CGROUP_SKB, insns: assemble('r0 = 1\nexit') }).fd
    using one = load()
    using two = load()
    using link = new Fd(bpf('BPF_LINK_CREATE', { prog_fd: one, target_fd: target }), 'link')
    const query = { target_fd: target, prog_ids: new Uint32Array(4), prog_cnt: 4 }
    const id = (program: Fd): number => objectInfo('prog', program).u32('id')
    bpf('BPF_PROG_QUERY', query)
    expect([query.prog_cnt, query.prog_ids[0]]).toEqual([1, id(one)])
    bpf('BPF_LINK_UPDATE', { link_fd: link, new_prog_fd: two })
    expect(objectInfo('link', link).u32('prog_id')).toBe(id(two))
    bpf('BPF_LINK_DETACH', { link_fd: link })
    query.prog_cnt = 4
    bpf('BPF_PROG_QUERY', query)
    expect(query.prog_cnt).toBe(0)
    bpf('BPF_PROG_ATTACH', { target_fd: target, attach_bpf_fd: one })
    bpf('BPF_PROG_DETACH', { target_fd: target })
  } finally {
    closeSync(target)
    rmdirSync(path)
  }
})

test('a map that the program does not use can be bound to it', () => {
  using map = array()
  using program = progLoad({ prog_type: SOCKET_FILTER, insns: RETURN_0 }).fd
  bpf('BPF_PROG_BIND_MAP', { prog_fd: program, map_fd: map })
  const ids = new Uint32Array(1)
  objectInfo('prog', program, { map_ids: ids, nr_map_ids: 1 })
  expect(ids[0]).toBe(objectInfo('map', map).u32('id'))
})

test('a frozen map can be read, but not written by user space', () => {
  using map = array()
  bpf('BPF_MAP_FREEZE', { map_fd: map })
  expect(first(map)).toBe(0n)
  const write = (): unknown =>
    bpf('BPF_MAP_UPDATE_ELEM', {
      map_fd: map,
      key: new Uint32Array(1),
      value: new BigUint64Array(1),
    })
  expect(thrown(BpfError, write).code).toBe('EPERM')
})

test('a descriptor is not used after it was closed', () => {
  const map = hash()
  map.close()
  map.close()
  expect(thrown(ClosedError, () => bpf('BPF_MAP_FREEZE', { map_fd: map })).message).toContain(
    "map 'counts'",
  )
})
