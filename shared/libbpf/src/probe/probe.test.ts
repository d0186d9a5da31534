import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { compileBpf } from '../../test/compile.ts'
import { kernelAtLeast } from '../../test/kernel.ts'
import { thrown } from '../../test/thrown.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { MapType } from '../maps/map-type.ts'
import { PROGRAM_TYPES } from '../program/program-types.ts'
import { ATTACH_KINDS, probeAttachKind } from './attach-kinds.ts'
import { formatObjectReport } from './format-report.ts'
import { probeHelper, probeHelpers } from './helpers.ts'
import { kernelConfig, probeKernel } from './kernel.ts'
import { probeMapType } from './map-types.ts'
import { probeObject } from './object.ts'
import { probeProgramType } from './program-types.ts'
import { sectionNeeds } from './targets.ts'

/** What bpftool found out by its own trials: `program_types` and `map_types` by `have_…_type`. */
const bpftool: Record<string, Record<string, boolean>> = JSON.parse(
  execFileSync('bpftool', ['-j', 'feature', 'probe', 'kernel'], { maxBuffer: 64 << 20 }).toString(),
)

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.keys() forgets the type
const mapTypes = Object.keys(MapType) as (keyof typeof MapType)[]

test('program types are found like bpftool finds them', () => {
  // These need a target in the kernel's BTF, which older bpftools do not give them.
  const targeted = new Set(['tracing', 'lsm', 'ext', 'struct_ops'])
  const compared = PROGRAM_TYPES.filter(
    (type) => !targeted.has(type) && `have_${type}_prog_type` in bpftool['program_types']!,
  )
  expect(compared.length).toBeGreaterThan(25)
  expect(
    Object.fromEntries(compared.map((type) => [type, probeProgramType(type).supported])),
  ).toEqual(
    Object.fromEntries(
      compared.map((type) => [type, bpftool['program_types']![`have_${type}_prog_type`]]),
    ),
  )
})

test('map types are found like bpftool finds them', () => {
  const compared = mapTypes.filter((type) => `have_${type}_map_type` in bpftool['map_types']!)
  expect(compared.length).toBeGreaterThan(28)
  expect(Object.fromEntries(compared.map((type) => [type, probeMapType(type).supported]))).toEqual(
    Object.fromEntries(
      compared.map((type) => [type, bpftool['map_types']![`have_${type}_map_type`]]),
    ),
  )
})

test('a map type that does not exist is not supported', () => {
  expect(probeMapType('unspec')).toMatchObject({ supported: false, reason: expect.any(String) })
})

test('what was found is remembered', () => {
  expect(probeMapType('unspec')).toBe(probeMapType('unspec'))
})

test.each([
  ['kprobe', '4.1', 'CONFIG_KPROBES'],
  ['uprobe', '4.3', 'CONFIG_UPROBES'],
  ['kprobe_multi', '5.18', 'CONFIG_FPROBE'],
  ['kprobe_session', '6.10', 'CONFIG_FPROBE'],
  ['uprobe_multi', '6.6', 'CONFIG_UPROBES'],
  ['tcx', '6.6', 'CONFIG_NET_XGRESS'],
  ['netkit', '6.7', 'CONFIG_NETKIT'],
  ['netfilter', '6.4', 'CONFIG_NETFILTER_BPF_LINK'],
  ['cgroup_link', '5.7', 'CONFIG_CGROUP_BPF'],
  ['xdp_link', '5.9', 'CONFIG_BPF_SYSCALL'],
  ['perf_event_link', '5.15', 'CONFIG_PERF_EVENTS'],
  ['token', '6.9', 'CONFIG_BPF_SYSCALL'],
  ['iter', '5.8', 'CONFIG_DEBUG_INFO_BTF'],
] as const)('%s is there exactly from Linux %s on with %s', (kind, since, option) => {
  const expected = kernelAtLeast(since) && kernelConfig(option) !== 'n'
  expect(probeAttachKind(kind)).toMatchObject({ supported: expected })
})

test('what is missing is said with what would be needed', () => {
  const missing = ATTACH_KINDS.map((kind) => probeAttachKind(kind)).filter(
    ({ supported }) => !supported,
  )
  for (const { reason, needs } of missing) {
    expect(reason).toMatch(
      /^(?:this kernel has no|.* may not be used here) .*\([A-Z]+\)$|\(E[A-Z]+\)$/,
    )
    expect(needs).toBeTruthy()
  }
})

test('a helper is found for the types that may call it, and for no others', () => {
  expect(probeHelper('xdp', 'bpf_xdp_adjust_head')).toBe(true)
  expect(probeHelper('xdp', 'map_lookup_elem')).toBe(true)
  expect(probeHelper('xdp', 'bpf_get_stackid')).toBe(false)
  expect(probeHelper('raw_tracepoint', 'bpf_get_stackid')).toBe(true)
  expect(probeHelper('socket_filter', 'bpf_xdp_adjust_head')).toBe(false)
  const helpers = probeHelpers('xdp')
  expect(helpers).toContain('bpf_redirect_map')
  expect(helpers).not.toContain('bpf_override_return')
})

test('a function that is no helper is refused', () => {
  const error = thrown(BpfError, () => probeHelper('xdp', 'bpf_task_acquire'))
  expect(error.message).toContain("probe helper 'bpf_task_acquire'")
  expect(error.hint).toContain('kfunc')
})

test('the kernel’s own state is read', () => {
  expect(probeKernel()).toMatchObject({
    btf: true,
    jit: 'on',
    release: expect.stringMatching(/^\d/),
  })
  expect(kernelConfig('BPF_SYSCALL')).toBe('y')
  expect(kernelConfig('CONFIG_NO_SUCH_OPTION')).toBe('n')
})

test('a section names what it attaches by, and a target that is not there', () => {
  expect(sectionNeeds('raw_tp/sys_enter')).toEqual({ kind: 'raw_tracepoint' })
  expect(sectionNeeds('fentry.s/no_such_function')).toEqual({
    kind: 'fentry',
    missing: 'the kernel has no function no_such_function',
  })
  expect(sectionNeeds('?tp/syscalls/sys_enter_openat')).toEqual({ kind: 'tracepoint' })
  expect(sectionNeeds('uprobe')).toEqual({ kind: 'uprobe' })
  expect(sectionNeeds('xdp')).toEqual({})
})

const report = (): ReturnType<typeof probeObject> => probeObject(compileBpf('probe.bpf.c'))

test('of an object it is said which programs run, and why the others do not', () => {
  const { programs, maps } = report()
  const problems = Object.fromEntries(
    programs.map(({ name, problems: [first] }) => [name, first?.reason]),
  )
  expect(problems).toMatchObject({
    fine: undefined,
    no_tracepoint: 'the kernel has no tracepoint no_such_tracepoint',
    no_event: 'the kernel has no tracepoint no_such/event',
    no_file: 'there is no file /no/such/file',
    no_iterator: 'the kernel has no function bpf_iter_no_such_thing',
    wrong_helper: expect.stringMatching(/may not call bpf_\w+\(\)/),
    uses_missing_map: expect.stringMatching(/unheard_of|verifier/),
  })
  expect(programs.filter(({ runs }) => runs).map(({ name }) => name)).toEqual(['fine'])
  expect(maps.find(({ name }) => name === 'unheard_of')).toMatchObject({ works: false })
})

test('the report fits 80 columns, and JSON', () => {
  const found = report()
  const text = formatObjectReport(found)
  expect(text).toMatch(/^probe: 1 of 7 programs run on this kernel$/m)
  expect(text).toMatch(/^yes {2}fine /m)
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  expect(JSON.parse(JSON.stringify(found))).toEqual(found)
})

test('probing leaves no descriptor open', () => {
  const open = (): number => readdirSync('/proc/self/fd').length
  report()
  const before = open()
  report()
  expect(probeHelper('kprobe', 'bpf_get_func_ip')).toBe(true)
  expect(open()).toBe(before)
})

test('without privilege the reason is that, not the kernel', () => {
  const script = `import { probeProgramType } from '${import.meta.dirname}/program-types.ts'
    console.log(JSON.stringify(probeProgramType('xdp')))`
  const node = [process.execPath, '--input-type=module-typescript', '-e', script]
  const out = execFileSync('setpriv', ['--reuid=65534', '--clear-groups', ...node]).toString()
  expect(JSON.parse(out)).toEqual({
    supported: false,
    reason: 'programs of type xdp may not be used here (EPERM)',
    needs: 'root',
  })
})
