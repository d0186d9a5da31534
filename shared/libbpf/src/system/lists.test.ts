import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { compileBpf } from '../../test/compile.ts'
import { getpgid } from '../../test/syscalls.ts'
import { BpfObject } from '../object/bpf-object.ts'
import { bpf } from '../raw/bpf.ts'
import { objectInfo, openById } from '../raw/objects.ts'
import { mapCreate } from '../raw/prog-load.ts'
import { btfs, enableStats, links, maps, programs } from './lists.ts'

/** What bpftool says of one object; other tests create and remove objects meanwhile. */
function bpftool(kind: 'prog' | 'map' | 'link' | 'btf', id: number): Record<string, unknown> {
  // Not execFileSync: bpftool 7.8 shows a link by its id and exits with 255 all the same.
  const { stdout: out } = spawnSync('bpftool', ['-j', kind, 'show', 'id', String(id)], {
    encoding: 'utf8',
  })
  const parsed: unknown = JSON.parse(out)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- bpftool's JSON is what the test looks at
  return (Array.isArray(parsed) ? parsed[0] : parsed) as Record<string, unknown>
}

const basic = compileBpf('basic.bpf.c')

test('a loaded program is in the list, as bpftool describes it', () => {
  using spec = BpfObject.open(basic)
  using object = spec.load()
  const { id } = object.program('on_getpgid').info()
  const program = programs().find((candidate) => candidate.id === id)!
  const other = bpftool('prog', id)
  expect(program).toMatchObject({
    name: other['name'],
    type: other['type'],
    tag: other['tag'],
    gplCompatible: other['gpl_compatible'],
    uid: other['uid'],
    xlatedSize: other['bytes_xlated'],
    jitedSize: other['bytes_jited'],
    memlock: other['bytes_memlock'],
    btfId: other['btf_id'],
    mapIds: other['map_ids'],
  })
  const loadedAt = Number(other['loaded_at']) * 1000
  expect(Math.abs(program.loadTime.getTime() - loadedAt)).toBeLessThan(2000)
  expect(program.owners).toContainEqual(expect.objectContaining({ pid: process.pid }))
})

test('a map is in the list with its sizes, its pin and its owner', () => {
  using map = mapCreate({
    map_type: 1,
    key_size: 4,
    value_size: 16,
    max_entries: 23,
    map_name: 'listed',
  })
  const path = `/sys/fs/bpf/listed_${process.pid}`
  bpf('BPF_OBJ_PIN', { pathname: path, bpf_fd: map })
  try {
    const found = maps().find(({ pinned }) => pinned.includes(path))!
    const other = bpftool('map', found.id)
    expect(found).toMatchObject({
      name: 'listed',
      typeName: other['type'],
      keySize: other['bytes_key'],
      valueSize: other['bytes_value'],
      maxEntries: 23,
      memlock: other['bytes_memlock'],
      frozen: other['frozen'] === 1,
    })
    expect(found.pinned).toEqual([path])
    expect(found.owners).toEqual([{ pid: process.pid, comm: expect.any(String) }])
  } finally {
    rmSync(path)
  }
})

test('a link is in the list with what it is attached to, until it is closed', () => {
  using spec = BpfObject.open(basic)
  using object = spec.load()
  using link = object.program('on_sys_enter').attach()
  const programId = object.program('on_sys_enter').info().id
  const found = links().find((candidate) => candidate.programId === programId)!
  expect(found).toMatchObject({ type: 'raw_tracepoint', tracepoint: 'sys_enter' })
  expect(bpftool('link', found.id)).toMatchObject({ prog_id: programId, tp_name: 'sys_enter' })
  link.detach()
  expect(links().some(({ id }) => id === found.id)).toBe(false)
})

test('the kernel’s own BTF comes first, and a program’s is there too', () => {
  using spec = BpfObject.open(basic)
  using object = spec.load()
  const { btfId } = object.program('on_getpgid').info()
  const all = [...btfs()]
  expect(all[0]).toMatchObject({ id: 1, name: 'vmlinux', kernel: true })
  const own = all.find(({ id }) => id === btfId)!
  expect(own).toMatchObject({ name: '', kernel: false, size: bpftool('btf', btfId)['size'] })
})

test('runs are counted while statistics are on, and not after', () => {
  using spec = BpfObject.open(basic)
  spec.data['rodata']!['target_pid'] = process.pid
  using object = spec.load()
  const program = object.program('on_getpgid')
  using _link = program.attach()
  const runs = (): bigint => programs().find(({ id }) => id === program.info().id)!.runCount
  {
    using _stats = enableStats()
    const before = runs()
    getpgid(23)
    expect(runs() - before).toBeGreaterThanOrEqual(23n)
  }
})

test('an object that vanishes while the list is read is left out', () => {
  const map = mapCreate({ map_type: 2, key_size: 4, value_size: 4, max_entries: 1 })
  const id = objectInfo('map', map).u32('id')
  expect(maps().some((candidate) => candidate.id === id)).toBe(true)
  const list = maps()
  list.next()
  map.close()
  expect(list.some((candidate) => candidate.id === id)).toBe(false)
  expect(openById('map', id)).toBeUndefined()
})

test('a list is read while another process makes and removes maps all the time', () => {
  const script = `
    import { mapCreate } from '${import.meta.dirname}/../raw/prog-load.ts'
    const end = performance.now() + 60_000
    console.log('ready')
    while (performance.now() < end) {
      const map = mapCreate({ map_type: 2, key_size: 4, value_size: 4, max_entries: 1 })
      map.close()
    }`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script])
  try {
    const end = performance.now() + 50_000
    let last = 0
    let news = 0
    // Ids only grow: 23 new ones mean that the lists were read in the thick of it.
    while (news < 23 && performance.now() < end) {
      const ids = maps()
        .map(({ id }) => id)
        .toArray()
      news += ids.filter((id) => id > last).length
      last = Math.max(last, ...ids)
    }
    expect(news).toBeGreaterThanOrEqual(23)
  } finally {
    child.kill()
  }
}, 60_000)

test('a pin in a subfolder is found, and one of a program is told from one of a map', () => {
  using spec = BpfObject.open(basic)
  using object = spec.load()
  const folder = `/sys/fs/bpf/lists_${process.pid}`
  mkdirSync(`${folder}/deep`, { recursive: true })
  try {
    const { id } = object.program('on_getpgid').info()
    const path = `${folder}/deep/prog`
    object.program('on_getpgid').pin(path)
    expect(programs().find((candidate) => candidate.id === id)!.pinned).toEqual([path])
    expect(maps().some(({ pinned }) => pinned.includes(path))).toBe(false)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('without privilege the list says what is missing', () => {
  const script = `import { programs } from '${import.meta.dirname}/lists.ts'
    try { programs().next() } catch (error) { console.log(error.code, error.message) }`
  const command = [
    '--reuid=65534',
    '--clear-groups',
    process.execPath,
    '--input-type=module-typescript',
    '-e',
    script,
  ]
  const out = execFileSync('setpriv', command, { encoding: 'utf8' })
  expect(out).toMatch(/^EPERM /)
  expect(out).toContain('Run it as root')
})
