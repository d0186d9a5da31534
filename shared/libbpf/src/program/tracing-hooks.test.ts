import { readFileSync, readdirSync } from 'node:fs'
import koffi from 'koffi'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { compileBpf, compileNative } from '../../test/compile.ts'
import { hasBpfLsm, hasFprobe, hasKprobes, kernelAtLeast } from '../../test/kernel.ts'
import { getpgid } from '../../test/syscalls.ts'
import { thrown } from '../../test/thrown.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { hasTrampolines } from '../../test/trampolines.ts'
import { UnsupportedError } from '../errors/unsupported-error.ts'
import { libbpfAtLeast } from '../ffi/libbpf.ts'
import { BpfObject } from '../object/bpf-object.ts'
import type { Program } from './program.ts'

const tracing = compileBpf('tracing.bpf.c')
const library = compileNative('target.c')
const target = koffi.load(library)
const traced_function = target.func('int traced_function(int)')
const traced_too = target.func('int traced_too(int)')
const fire = target.func('int fire(int)')

const HOOKS = [
  ...['KPROBE', 'KSYSCALL', 'KPROBE_MULTI', 'FENTRY', 'FEXIT', 'FMOD_RET', 'TP_BTF', 'RAW_TP'],
  ...['TRACEPOINT', 'UPROBE', 'UPROBE_MULTI', 'USDT', 'PERF_EVENT', 'LSM'],
] as const
type Hook = (typeof HOOKS)[number]

const COOKIE = 0xfeed_face_cafe_beefn
const SYS_GETPGID = process.arch === 'arm64' ? 155n : 121n

/** Maps that this process holds; /proc/self/fdinfo says it of each file descriptor. */
function openMaps(): number {
  const isMap = (fd: string): boolean => {
    try {
      return readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8').includes('map_type:')
    } catch {
      return false // the descriptor of the listing itself is closed by now
    }
  }
  return readdirSync('/proc/self/fdinfo').filter(isMap).length
}

/** Loads one program of tracing.bpf.c. */
function load(name: string) {
  using spec = BpfObject.open(tracing)
  spec.program(name).autoload = true
  spec.data['rodata']!['target_pid'] = process.pid
  spec.data['bss']!['target_id'] = SYS_GETPGID
  const object = spec.load()
  const bss = object.data['bss']!
  return {
    program: object.program(name),
    hits: (hook: Hook): bigint => bss['hits'][HOOKS.indexOf(hook)],
    cookie: (hook: Hook): bigint => bss['cookies'][HOOKS.indexOf(hook)],
    argument: (): number => bss['argument'],
    [Symbol.dispose]: () => object.close(),
  }
}

test('a tracepoint program gets its cookie and fires for every call', () => {
  using loaded = load('on_tracepoint')
  using link = loaded.program.attachTracepoint('syscalls', 'sys_enter_getpgid', { cookie: COOKIE })
  getpgid(23)
  expect(loaded.hits('TRACEPOINT')).toBe(23n)
  expect(loaded.cookie('TRACEPOINT')).toBe(COOKIE)
  expect(link.info()).toMatchObject({
    type: 'perf_event',
    event: 'tracepoint',
    tracepoint: 'sys_enter_getpgid',
  })
})

test('a raw tracepoint program sees the number of the system call', () => {
  using loaded = load('on_raw_tp')
  using link = loaded.program.attachRawTracepoint('sys_enter')
  getpgid(23)
  expect(loaded.hits('RAW_TP')).toBe(23n)
  expect(link.info()).toMatchObject({ type: 'raw_tracepoint', tracepoint: 'sys_enter' })
})

test('a tp_btf program attaches by its section', () => {
  using loaded = load('on_tp_btf')
  using link = loaded.program.attach()
  getpgid(23)
  expect(loaded.hits('TP_BTF')).toBe(23n)
  expect(link.info()).toMatchObject({ type: 'raw_tracepoint', tracepoint: 'sys_enter' })
})

test('a uprobe fires at the function of a library, with its argument and cookie', () => {
  using loaded = load('on_uprobe')
  using link = loaded.program.attachUprobe(library, { function: 'traced_function', cookie: COOKIE })
  for (let n = 0; n < 23; n++) traced_function(n)
  expect(loaded.hits('UPROBE')).toBe(23n)
  expect(loaded.argument()).toBe(22)
  expect(loaded.cookie('UPROBE')).toBe(COOKIE)
  expect(link.closed).toBe(false)
})

test('a uretprobe fires with what the function returned', () => {
  using loaded = load('on_uretprobe')
  using _ = loaded.program.attachUprobe(library, { function: 'traced_function', retprobe: true })
  traced_function(41)
  expect(loaded.hits('UPROBE')).toBe(1n)
  expect(loaded.argument()).toBe(42)
})

test('a uprobe for one process does not fire in another', () => {
  using loaded = load('on_uprobe')
  using _ = loaded.program.attachUprobe(library, { function: 'traced_function', pid: 1 })
  traced_function(1)
  expect(loaded.hits('UPROBE')).toBe(0n)
})

test('a USDT probe fires with its argument and cookie, and can be closed after its object', () => {
  const before = openMaps()
  using loaded = load('on_usdt')
  const link = loaded.program.attachUsdt(library, 'labs', 'fired', { cookie: COOKIE })
  for (let n = 0; n < 23; n++) fire(n)
  expect(loaded.hits('USDT')).toBe(23n)
  expect(loaded.argument()).toBe(22)
  expect(loaded.cookie('USDT')).toBe(COOKIE)
  expect(thrown(BpfError, () => link.info()).message).toContain('without a kernel link')
  loaded[Symbol.dispose]()
  expect(openMaps()).toBeGreaterThan(before) // the link needs the object's maps to detach
  fire(1)
  link.close()
  expect(openMaps()).toBe(before)
})

test('a perf event program runs on samples of the CPU clock', () => {
  using loaded = load('on_perf_event')
  using link = loaded.program.attachPerfEvent({ pid: process.pid, frequency: 999, cookie: COOKIE })
  const end = performance.now() + 30_000
  while (loaded.hits('PERF_EVENT') < 5n && performance.now() < end) getpgid(100)
  expect(loaded.hits('PERF_EVENT')).toBeGreaterThanOrEqual(5n)
  expect(loaded.cookie('PERF_EVENT')).toBe(COOKIE)
  expect(link.info()).toMatchObject({ type: 'perf_event' })
})

describe.runIf(hasTrampolines)('with trampolines (not forbidden by the host)', () => {
  test('fentry and fexit fire once for every call, fentry with its cookie', () => {
    using entry = load('on_fentry')
    using exit = load('on_fexit')
    using link = entry.program.attachTrace({ cookie: COOKIE })
    using _ = exit.program.attach()
    getpgid(23, process.pid)
    expect(entry.hits('FENTRY')).toBe(23n)
    expect(exit.hits('FEXIT')).toBe(23n)
    expect(entry.cookie('FENTRY')).toBe(COOKIE)
    expect(link.info()).toMatchObject({ type: 'tracing', attachType: 'trace_fentry' })
  })

  test('fmod_ret fires for a function that may be modified', () => {
    using loaded = load('on_fmod_ret')
    using _ = loaded.program.attach()
    getpgid(23, process.pid)
    expect(loaded.hits('FMOD_RET')).toBe(23n)
  })
})

test.runIf(hasTrampolines && hasBpfLsm)('an LSM program fires for its hook', () => {
  using loaded = load('on_lsm')
  using _ = loaded.program.attach()
  getpgid(23, process.pid)
  expect(loaded.hits('LSM')).toBe(23n)
})

describe.runIf(hasKprobes)('with kprobes', () => {
  test('a kprobe fires for every call, with its cookie', () => {
    using loaded = load('on_kprobe')
    using link = loaded.program.attachKprobe('security_task_getpgid', { cookie: COOKIE })
    getpgid(23, process.pid)
    expect(loaded.hits('KPROBE')).toBe(23n)
    expect(loaded.cookie('KPROBE')).toBe(COOKIE)
    expect(link.info()).toMatchObject({ event: 'kprobe', function: 'security_task_getpgid' })
  })

  test('a kretprobe fires when the function returns', () => {
    using loaded = load('on_kprobe')
    using link = loaded.program.attachKprobe('security_task_getpgid', { retprobe: true })
    getpgid(23, process.pid)
    expect(loaded.hits('KPROBE')).toBe(23n)
    expect(link.info()).toMatchObject({ event: 'kretprobe' })
  })

  test('a ksyscall program attaches by section and by hand, and gets the argument', () => {
    using loaded = load('on_ksyscall')
    {
      using _ = loaded.program.attach()
      getpgid(23, 7)
    }
    {
      using _ = loaded.program.attachKsyscall('getpgid')
      getpgid(23, 9)
    }
    expect(loaded.hits('KSYSCALL')).toBe(46n)
    expect(loaded.argument()).toBe(9)
  })

  test('a kprobe on a function that does not exist names close ones', () => {
    using loaded = load('on_kprobe')
    const error = thrown(BpfError, () => loaded.program.attachKprobe('security_task_getpgidd'))
    expect(error.message).toContain('no such function')
    expect(error.hint).toContain("'security_task_getpgid'")
  })
})

describe.runIf(hasFprobe)('with fprobe', () => {
  test('kprobe.multi fires for each function, each with its own cookie', () => {
    using loaded = load('on_kprobe_multi')
    using link = loaded.program.attachKprobeMulti(['security_task_getpgid', 'do_unlinkat'], {
      cookies: [COOKIE, 1n],
    })
    getpgid(23, process.pid)
    expect(loaded.hits('KPROBE_MULTI')).toBe(23n)
    expect(loaded.cookie('KPROBE_MULTI')).toBe(COOKIE)
    expect(link.info()).toMatchObject({ type: 'kprobe_multi', count: 2, retprobe: false })
  })

  test('kprobe.multi takes a pattern', () => {
    using loaded = load('on_kprobe_multi')
    using _ = loaded.program.attachKprobeMulti('security_task_getpg*', { retprobe: true })
    getpgid(23, process.pid)
    expect(loaded.hits('KPROBE_MULTI')).toBe(23n)
  })

  test('kprobe.multi on a function that does not exist names it', () => {
    using loaded = load('on_kprobe_multi')
    const attach = () => loaded.program.attachKprobeMulti(['security_task_getpgid', 'do_unlinkatt'])
    const error = thrown(BpfError, attach)
    expect(error.message).toContain('do_unlinkatt')
    expect(error.hint).toContain("'do_unlinkat'")
  })
})

describe.runIf(libbpfAtLeast('1.3') && kernelAtLeast('6.6'))('with uprobe.multi', () => {
  test('it fires for each function, each with its own cookie', () => {
    using loaded = load('on_uprobe_multi')
    const functions = ['traced_function', 'traced_too']
    using link = loaded.program.attachUprobeMulti(library, functions, { cookies: [1n, COOKIE] })
    traced_function(1)
    for (let n = 0; n < 22; n++) traced_too(1)
    expect(loaded.hits('UPROBE_MULTI')).toBe(23n)
    expect(loaded.cookie('UPROBE_MULTI')).toBe(COOKIE)
    expect(link.info()).toMatchObject({ type: 'uprobe_multi', path: library, count: 2 })
  })

  test('it takes a pattern', () => {
    using loaded = load('on_uprobe_multi')
    using _ = loaded.program.attachUprobeMulti(library, 'traced_*')
    traced_function(1)
    traced_too(1)
    expect(loaded.hits('UPROBE_MULTI')).toBe(2n)
  })

  test('it finds the functions of the C library, by its name alone', () => {
    using loaded = load('on_uprobe_multi')
    for (const functions of ['getpgid', ['getsid', 'getpgid']]) {
      using link = loaded.program.attachUprobeMulti('libc.so.6', functions)
      getpgid(23)
      expect(link.info()).toMatchObject({
        type: 'uprobe_multi',
        path: expect.stringMatching(/\/libc\.so\.6$/),
      })
    }
    expect(loaded.hits('UPROBE_MULTI')).toBe(46n)
  })

  test('functions and libraries that do not exist are named', () => {
    using loaded = load('on_uprobe_multi')
    const attach = (path: string, functions: string[]) =>
      thrown(BpfError, () => loaded.program.attachUprobeMulti(path, functions))
    const { message, code, hint } = attach('libc.so.6', ['getpgid', 'getpgidd', 'no_such'])
    expect(code).toBe('ENOENT')
    expect(message).toContain("the file has no function called 'getpgidd', 'no_such'")
    expect(hint).toContain("Did you mean 'getpgid'?")
    expect(attach('libno.so.6', ['getpgid']).message).toContain(
      'there is no program or library called libno.so.6',
    )
    expect(attach('/etc', ['getpgid'])).toMatchObject({
      code: 'EISDIR',
      message: expect.stringContaining('cannot read /etc'),
    })
  })
})

test.runIf(!hasKprobes)('without kprobes the error says which option the kernel lacks', () => {
  using loaded = load('on_kprobe')
  const error = thrown(UnsupportedError, () => loaded.program.attachKprobe('security_task_getpgid'))
  expect(error.needs.kernel).toBe('CONFIG_KPROBES=y')
})

describe.each([
  ['on_fentry', 'do_unlinkatt', "no function 'do_unlinkatt'", "'do_unlinkat'"],
  ['on_tp_btf', 'sched_swich', "no tracepoint 'sched_swich'", "'sched_switch'"],
])('a target for %s that the kernel does not have', (name, wrong, problem, meant) => {
  test('is named when it is set, with what is close', () => {
    using spec = BpfObject.open(tracing)
    const error = thrown(BpfError, () => spec.program(name).setAttachTarget(wrong))
    expect(error.message).toContain(problem)
    expect(error.hint).toContain(meant)
  })
})

describe('what does not exist', () => {
  let loaded: ReturnType<typeof load>
  const failing = (name: string, attach: (program: Program) => unknown) => {
    loaded = load(name)
    return thrown(BpfError, () => attach(loaded.program))
  }
  beforeEach(() => undefined)
  afterEach(() => loaded[Symbol.dispose]())

  test('a tracepoint: close ones are named', () => {
    const error = failing('on_tracepoint', (p) =>
      p.attachTracepoint('syscalls', 'sys_enter_getpgd'),
    )
    expect(error.code).toBe('ENOENT')
    expect(error.hint).toContain("'syscalls/sys_enter_getpgid'")
  })

  test('a raw tracepoint: close ones are named', () => {
    const error = failing('on_raw_tp', (p) => p.attachRawTracepoint('sys_entr'))
    expect(error.hint).toContain("'sys_enter'")
  })

  test('a function of a library', () => {
    const error = failing('on_uprobe', (p) => p.attachUprobe(library, { function: 'traced' }))
    expect(error.message).toContain("no function called 'traced'")
  })

  test('a library', () => {
    const error = failing('on_uprobe', (p) => p.attachUprobe('/no/such.so', { function: 'f' }))
    expect(error.message).toContain('no file /no/such.so')
  })

  test('a USDT probe', () => {
    const error = failing('on_usdt', (p) => p.attachUsdt(library, 'labs', 'nothing'))
    expect(error.message).toContain('has no such probe')
  })

  test('a program of another type says which type the hook takes', () => {
    const error = failing('on_uprobe', (p) => p.attachTracepoint('sched', 'sched_switch'))
    expect(error.message).toContain(
      "expected a program of type tracepoint, got kprobe from section 'uprobe'",
    )
  })

  test.each([-1n, 2n ** 64n])('a cookie of %i is out of range', (cookie) => {
    const error = failing('on_tracepoint', (p) =>
      p.attachTracepoint('syscalls', 'sys_enter_getpgid', { cookie }),
    )
    expect(error.message).toContain('expected a bigint from 0 to 2^64 - 1')
  })

  test.each([2 ** 40 + 5, Number.NaN])('a pid of %d is out of range', (pid) => {
    const error = failing('on_uprobe', (p) =>
      p.attachUprobe(library, { function: 'traced_function', pid }),
    )
    expect(error.message).toContain(`got ${pid}`)
  })

  test('a target in the section: attach() says how to name one', () => {
    const error = failing('on_uprobe', (p) => p.attach())
    expect(error.hint).toContain('attachUprobe(')
  })
})

describe.runIf(hasTrampolines)('a program in place of a function of another', () => {
  const replace = compileBpf('replace.bpf.c')
  const packet = { data: new Uint8Array(64) }

  function loadTarget() {
    using spec = BpfObject.open(replace)
    spec.program('ask').autoload = true
    return spec.load()
  }

  test('is attached to the target that it was loaded for', () => {
    using asking = loadTarget()
    using spec = BpfObject.open(replace)
    spec.program('drop').autoload = true
    spec.program('drop').setAttachTarget('verdict', asking.program('ask'))
    using replacement = spec.load()
    const ask = asking.program('ask')
    expect(ask.testRun(packet).retval).toBe(2)
    using link = replacement.program('drop').attach()
    expect(link.info()).toMatchObject({ type: 'tracing', targetObjectId: ask.id })
    expect(ask.testRun(packet).retval).toBe(1)
    link.close()
    expect(ask.testRun(packet).retval).toBe(2)
  })

  test('is attached to another program with the same function', () => {
    using first = loadTarget()
    using second = loadTarget()
    using spec = BpfObject.open(replace)
    spec.program('drop').autoload = true
    spec.program('drop').setAttachTarget('verdict', first.program('ask'))
    using replacement = spec.load()
    using _ = replacement.program('drop').attachFreplace(second.program('ask'), 'verdict')
    expect(first.program('ask').testRun(packet).retval).toBe(2)
    expect(second.program('ask').testRun(packet).retval).toBe(1)
  })
})
