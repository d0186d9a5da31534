import { execFileSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { compileBpf } from '../../../test/compile.ts'
import { thrown } from '../../../test/thrown.ts'
import { BpfError } from '../../errors/bpf-error.ts'
import { ClosedError } from '../../errors/closed-error.ts'
import { UnsupportedError } from '../../errors/unsupported-error.ts'
import { VerifierError } from '../../errors/verifier-error.ts'
import { BpfObject } from '../bpf-object.ts'

const faults = compileBpf('faults.bpf.c')
const MAPS = ['unknown_type', 'no_entries', 'wide_index', 'libbpf_test_pinned']

/** Opens faults.bpf.c with just this program and these maps. */
function open(program: string, maps: readonly string[] = []) {
  const spec = BpfObject.open(faults)
  for (const map of MAPS) spec.map(map).autocreate = maps.includes(map)
  spec.program(program).autoload = true
  return spec
}

function failure(program: string, maps: readonly string[] = []): BpfError {
  using spec = open(program, maps)
  return thrown(BpfError, () => spec.load())
}

test('the program without faults loads, the others are left out and say so', () => {
  using spec = open('fine')
  using object = spec.load()
  expect(object.program('fine').info().type).toBe('raw_tracepoint')
  expect(thrown(BpfError, () => object.program('unknown_section')).message).toContain('autoload')
  expect(thrown(BpfError, () => object.map('no_entries')).message).toContain('autocreate')
})

describe('a section name', () => {
  test('that is misspelt: the right one is suggested', () => {
    const { message } = failure('misspelt_section')
    expect(message).toContain('does not tell the program type')
    expect(message).toContain('Did you mean SEC("tracepoint/syscalls/sys_enter_getpgid")?')
  })

  test('with something behind it that does not belong there: what may is said', () => {
    expect(failure('section_with_tail').hint).toBe('Write SEC("xdp"): nothing goes behind it.')
    expect(failure('misspelt_tail').hint).toBe('Did you mean SEC("cgroup/connect4")?')
    expect(failure('unknown_tail').hint).toContain('cgroup/bind4, cgroup/bind6')
  })

  test('that is unknown can be made up for by setting the type', () => {
    expect(failure('unknown_section').hint).toContain('spec.programs.unknown_section.type')
    using spec = open('unknown_section')
    spec.program('unknown_section').type = 'raw_tracepoint'
    using object = spec.load()
    expect(object.program('unknown_section').info().type).toBe('raw_tracepoint')
  })
})

describe('a target that the kernel does not have', () => {
  test('a function: close names are suggested', () => {
    const { code, message } = failure('misspelt_function')
    expect(code).toBe('ESRCH')
    expect(message).toContain("no function 'vfs_raed'")
    expect(message).toContain("'vfs_read'")
  })

  test('a tracepoint: close names are suggested', () => {
    const { message } = failure('misspelt_tracepoint')
    expect(message).toContain("no tracepoint 'sched_swich'")
    expect(message).toContain("'sched_switch'")
  })

  test('a field, read on a path that the verifier reaches', () => {
    const error = failure('other_kernel')
    expect(error).toBeInstanceOf(VerifierError)
    expect(error.hint).toContain("no field 'no_such_field' in struct task_struct")
    expect(error.hint).toContain('bpf_core_field_exists')
  })

  test('a kernel variable', () => {
    const load = () => BpfObject.open(compileBpf('externs.bpf.c')).load()
    const { message } = thrown(BpfError, load)
    expect(message).toContain("no variable 'no_such_variable'")
    expect(message).toContain('__weak')
  })

  test('a configuration option, which can be given instead', () => {
    const object = compileBpf('externs.bpf.c', { suffix: '-kconfig', flags: ['-DKCONFIG'] })
    const { message } = thrown(BpfError, () => BpfObject.open(object).load())
    expect(message).toContain('has no CONFIG_NO_SUCH_OPTION')
    using spec = BpfObject.open(object, { kconfig: 'CONFIG_NO_SUCH_OPTION=42' })
    using loaded = spec.load()
    expect(loaded.data['kconfig']).toEqual({ CONFIG_NO_SUCH_OPTION: 42 })
  })
})

describe('a map', () => {
  test('of a type that the kernel does not know', () => {
    const error = failure('fine', ['unknown_type'])
    expect(error).toBeInstanceOf(UnsupportedError)
    expect(error.message).toContain('a map of type 99 is not supported')
  })

  test('without max_entries says how to set it, and works once it is set', () => {
    expect(failure('uses_missing_map', ['no_entries']).hint).toContain('no_entries.maxEntries')
    using spec = open('uses_missing_map', ['no_entries'])
    spec.map('no_entries').maxEntries = 3
    using object = spec.load()
    expect(object.map('no_entries').maxEntries).toBe(3)
  })

  test('that is an array with a key of 8 bytes', () => {
    const { message } = failure('fine', ['wide_index'])
    expect(message).toContain('key 8 bytes')
    expect(message).toContain('index of 4 bytes')
  })

  test('that was not created but is used', () => {
    const error = failure('uses_missing_map')
    expect(error).toBeInstanceOf(VerifierError)
    expect(error.message).toContain("map 'no_entries' is referenced but wasn't created")
  })
})

describe('a map that pins itself', () => {
  const path = '/sys/fs/bpf/libbpf_test_pinned'
  afterEach(() => rmSync(path, { force: true }))

  test('is pinned by load() and taken over by the next one', () => {
    using first = open('fine', ['libbpf_test_pinned'])
    using object = first.load()
    expect(existsSync(path)).toBe(true)
    using second = open('fine', ['libbpf_test_pinned'])
    using again = second.load()
    expect(again.map('libbpf_test_pinned').id).toBe(object.map('libbpf_test_pinned').id)
  })

  test('goes to the folder given as pinRoot, which must be a BPF file system', () => {
    const spec = BpfObject.open(faults, { pinRoot: '/tmp' })
    for (const map of MAPS) spec.map(map).autocreate = map === 'libbpf_test_pinned'
    const { message } = thrown(BpfError, () => spec.load())
    expect(message).toContain('/tmp/libbpf_test_pinned')
    expect(message).toContain('BPF file system')
  })

  test('where a map of other sizes is pinned: load() says what does not fit', () => {
    using first = open('fine', ['libbpf_test_pinned'])
    using _ = first.load()
    const second = open('fine', ['libbpf_test_pinned'])
    second.map('libbpf_test_pinned').maxEntries = 9
    const { message } = thrown(BpfError, () => second.load())
    expect(message).toContain(`use pinned map '${path}'`)
    expect(message).toContain('max_entries 9')
    expect(message).toContain(`rm ${path}`)
  })

  test('where a program is pinned', () => {
    using spec = open('fine')
    using object = spec.load()
    object.program('fine').pin(path)
    const { message } = failure('fine', ['libbpf_test_pinned'])
    expect(message).toContain(`use pinned map '${path}'`)
  })
})

test('a file that is not BTF in place of the kernel’s BTF is named', () => {
  using spec = BpfObject.open(faults, { btf: '/etc/hostname' })
  for (const map of MAPS) spec.map(map).autocreate = false
  spec.program('other_kernel').autoload = true
  const { message } = thrown(BpfError, () => spec.load())
  expect(message).toContain('cannot read the BTF in /etc/hostname')
})

/** Loads in a process of its own, started by `command`. */
function loadIn(command: readonly string[], ...args: string[]) {
  const script = fileURLToPath(new URL('../../../test/child/report-load.ts', import.meta.url))
  const [file = '', ...rest] = [...command, process.execPath, script, ...args]
  return JSON.parse(execFileSync(file, rest, { encoding: 'utf8' }))
}

test('without privilege load() says who may load', () => {
  const command = ['setpriv', '--bounding-set=-all', '--inh-caps=-all']
  const { code, message } = loadIn(command, compileBpf('basic.bpf.c'))
  expect(code).toBe('EPERM')
  expect(message).toContain('Run it as root, or with CAP_BPF')
})

test('on a kernel without BTF load() says how it must be built', () => {
  const hide = 'mount -t tmpfs none /sys/kernel/btf && exec "$@"'
  const command = ['unshare', '--mount', 'sh', '-c', hide, 'sh']
  const { name, message } = loadIn(command, compileBpf('tracing.bpf.c'), 'on_tp_btf')
  expect(name).toBe('UnsupportedError')
  expect(message).toContain('CONFIG_DEBUG_INFO_BTF=y')
})

describe('the order of calls', () => {
  test('load() twice', () => {
    using spec = open('fine')
    using _ = spec.load()
    const { message } = thrown(BpfError, () => spec.load())
    expect(message).toContain('already loaded')
    expect(message).toContain('open the object again')
  })

  test('load() after a failed load()', () => {
    const spec = open('misspelt_function')
    thrown(BpfError, () => spec.load())
    expect(thrown(BpfError, () => spec.load()).message).toContain('its load failed')
  })

  test('settings after load()', () => {
    using spec = open('fine')
    using _ = spec.load()
    const set = () => (spec.map('no_entries').maxEntries = 2)
    expect(thrown(BpfError, set).message).toContain('Settings count until load()')
  })

  test('attach before load', () => {
    using spec = open('fine')
    expect(thrown(BpfError, () => spec.attach()).message).toContain('Call load() first')
    const program = () => spec.program('fine').attach()
    expect(thrown(BpfError, program).message).toContain('Call load() first')
  })

  test('use after close of spec, object, program, map and data', () => {
    const spec = open('fine')
    const settings = spec.map('no_entries')
    spec.close()
    thrown(ClosedError, () => settings.maxEntries)
    thrown(ClosedError, () => spec.load())
    using other = BpfObject.open(compileBpf('basic.bpf.c'))
    const object = other.load()
    const program = object.program('on_getpgid')
    const link = program.attach()
    const bss = object.data['bss']!
    expect(bss['tracepoint_hits']).toBe(0n)
    object.close()
    object.close()
    expect(thrown(ClosedError, () => program.attach()).message).toContain("its object 'basic'")
    thrown(ClosedError, () => program.info())
    thrown(ClosedError, () => object.attach())
    thrown(ClosedError, () => object.map('counts').fd)
    thrown(ClosedError, () => bss['tracepoint_hits'])
    link.close()
    link.close()
    thrown(ClosedError, () => link.info())
  })
})
