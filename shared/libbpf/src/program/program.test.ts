import { rmSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { compileBpf } from '../../test/compile.ts'
import { kernelAtLeast } from '../../test/kernel.ts'
import { getpgid } from '../../test/syscalls.ts'
import { thrown } from '../../test/thrown.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { ClosedError } from '../errors/closed-error.ts'
import { UnsupportedError } from '../errors/unsupported-error.ts'
import { libbpfAtLeast } from '../ffi/libbpf.ts'
import { BpfObject } from '../object/bpf-object.ts'
import { enableStats } from '../system/lists.ts'
import { Program } from './program.ts'

const basic = compileBpf('basic.bpf.c')
const runs = compileBpf('runs.bpf.c')
const path = `/sys/fs/bpf/libbpf-test-program-${process.pid}`

function load(object: string) {
  using spec = BpfObject.open(object)
  return spec.load()
}

describe('testRun()', () => {
  const packet = Uint8Array.from({ length: 64 }, (_, n) => n)

  test('of an XDP program returns its verdict and the packet it made', () => {
    using object = load(runs)
    const { retval, data } = object.program('grow').testRun({ data: packet })
    expect(retval).toBe(3) // XDP_TX
    expect([...data.subarray(0, 6)]).toEqual([0xbb, 0xbb, 0xbb, 0xbb, 0, 1])
    expect(data).toHaveLength(68)
  })

  test('of a tc program takes and returns a context', () => {
    using object = load(runs)
    const ctx = new Uint8Array(192) // struct __sk_buff
    new DataView(ctx.buffer).setUint32(8, 1000, true) // mark
    const result = object.program('mark').testRun({ data: packet, ctx })
    expect(result.retval).toBe(2)
    expect(new DataView(result.ctx.buffer).getUint32(8, true)).toBe(1064)
  })

  test('of a syscall program passes its argument both ways, and a negative result', () => {
    using object = load(runs)
    const ctx = new Uint8Array(16)
    new Uint32Array(ctx.buffer).set([20, 22])
    const result = object.program('add').testRun({ ctx })
    expect(result.retval).toBe(-7)
    expect(new BigUint64Array(result.ctx.buffer)[1]).toBe(42n)
  })

  test('of a raw tracepoint program runs on the CPU asked for', () => {
    using object = load(runs)
    const ctx = new Uint8Array(new BigUint64Array([40n, 2n]).buffer)
    const BPF_F_TEST_RUN_ON_CPU = 1
    const run = { ctx, cpu: 0, flags: BPF_F_TEST_RUN_ON_CPU }
    expect(object.program('arguments').testRun(run).retval).toBe(42)
  })

  test('repeated many times measures the duration', () => {
    using object = load(basic)
    const { duration, retval } = object.program('pass').testRun({ data: packet, repeat: 10_000 })
    expect(retval).toBe(2)
    expect(duration).toBeGreaterThan(0)
    expect(object.data['bss']!['xdp_hits']).toBe(10_000n)
  })

  test('of a type that cannot be run says so', () => {
    using object = load(runs)
    const error = thrown(BpfError, () => object.program('never_run').testRun())
    expect(error.hint).toContain('type kprobe cannot be run that way')
  })

  test('with a packet too short says what it takes', () => {
    using object = load(runs)
    const run = () => object.program('grow').testRun({ data: new Uint8Array(4) })
    expect(thrown(BpfError, run).hint).toContain('at least 14 bytes')
  })

  test('that makes a larger packet than expected says how to make room', () => {
    using object = load(runs)
    const run = () => object.program('grow').testRun({ data: packet, dataOutSize: 10 })
    expect(thrown(BpfError, run).hint).toContain('dataOutSize')
  })
})

describe('info()', () => {
  test('says what the kernel knows', () => {
    using object = load(basic)
    const program = object.program('on_getpgid')
    const info = program.info()
    expect(info).toMatchObject({
      name: 'on_getpgid',
      type: 'tracepoint',
      uid: 0,
      gplCompatible: true,
    })
    expect(info.tag).toMatch(/^[0-9a-f]{16}$/)
    expect(info.id).toBe(program.id)
    expect(info.btfId).toBeGreaterThan(0)
    expect(info.loadedAt).toBeGreaterThan(0n)
    expect(info.mapIds).toContain(object.map('counts').id)
    expect(info.mapIds).toHaveLength(4)
    expect(info.verifiedInstructions).toBeGreaterThan(5)
  })

  test('the same code has the same tag, other code another', () => {
    using first = load(basic)
    using second = load(basic)
    expect(first.program('pass').info().tag).toBe(second.program('pass').info().tag)
    expect(first.program('pass').info().tag).not.toBe(first.program('on_call').info().tag)
  })

  test('xlated and jited code are as long as info() says', () => {
    using object = load(basic)
    const program = object.program('pass')
    const { xlatedSize, jitedSize } = program.info()
    expect(xlatedSize % 8).toBe(0)
    expect(program.xlated()).toHaveLength(xlatedSize)
    expect(program.xlated().some((byte) => byte !== 0)).toBe(true)
    expect(program.jited()).toHaveLength(jitedSize)
    expect(program.jited().some((byte) => byte !== 0)).toBe(true)
  })

  test('line info leads from instructions to lines of the source', () => {
    using object = load(basic)
    const lines = object.program('pass').lineInfo()
    expect(lines[0]).toMatchObject({ instruction: 0, file: expect.stringContaining('basic.bpf.c') })
    expect(lines.map(({ text }) => text.trim())).toContain('return XDP_PASS;')
  })
})

describe('a pinned program', () => {
  afterEach(() => rmSync(path, { force: true }))

  test('outlives its object, and is opened by path and by id', () => {
    const object = load(basic)
    object.program('pass').pin(path)
    const { id, tag } = object.program('pass').info()
    object.close()
    using opened = Program.open(path)
    using same = Program.byId(id)
    expect([opened.info().tag, same.info().tag]).toEqual([tag, tag])
    expect([opened.name, opened.type, opened.section]).toEqual(['pass', 'xdp', undefined])
    opened.unpin()
    expect(thrown(BpfError, () => Program.open(path)).code).toBe('ENOENT')
  })

  test('is attached by hand where a link can be made of a file descriptor', () => {
    using object = load(basic)
    object.program('pass').pin(path)
    using opened = Program.open(path)
    using link = opened.attachXdp('lo', { mode: 'skb' })
    expect(link.info()).toMatchObject({ type: 'xdp', programId: opened.id })
  })

  test('is not attached by what libbpf alone can do', () => {
    using object = load(basic)
    object.program('on_getpgid').pin(path)
    using opened = Program.open(path)
    const attach = () => opened.attachTracepoint('syscalls', 'sys_enter_getpgid')
    expect(thrown(BpfError, attach).message).toContain('opened by id or path')
  })

  test('opened from the path of a map', () => {
    using object = load(basic)
    object.map('counts').pin(path)
    const { message } = thrown(BpfError, () => Program.open(path))
    expect(message).toContain('expected a program, got a map')
  })
})

test('a program opened by id is closed by itself, twice without harm', () => {
  using object = load(basic)
  const opened = Program.byId(object.program('pass').id)
  opened.close()
  opened.close()
  thrown(ClosedError, () => opened.info())
  expect(object.program('pass').info().type).toBe('xdp')
  expect(thrown(BpfError, () => Program.byId(0xffff_fff0)).code).toBe('ENOENT')
})

test('the hits of an attached program are in its run count while statistics are on', () => {
  using object = load(basic)
  const program = object.program('on_getpgid')
  using _ = program.attach()
  using statistics = enableStats()
  const before = program.info().runCount
  getpgid(23)
  const { runCount, runTime } = program.info()
  expect(statistics.fd).toBeGreaterThan(0)
  expect(runCount - before).toBeGreaterThanOrEqual(23n)
  expect(runTime).toBeGreaterThan(0n)
})

const hasStreams = kernelAtLeast('6.17') && libbpfAtLeast('1.6')
test.runIf(hasStreams)('a stream that nothing was printed to is empty', () => {
  using object = load(basic)
  expect(object.program('pass').readStream('stderr')).toBe('')
})

test.runIf(!hasStreams)('without streams the error says what they need', () => {
  using object = load(basic)
  const { needs } = thrown(UnsupportedError, () => object.program('pass').readStream())
  expect(needs.libbpf).toBe('1.6')
})
