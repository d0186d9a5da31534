import { existsSync } from 'node:fs'
import { BpfError } from '../errors/bpf-error.ts'
import { errnoCode, errnoOf } from '../errors/errno.ts'
import { numberOf } from '../errors/names.ts'
import { ATTACH_TYPES } from '../program/attach-types.ts'
import type { AttachType } from '../program/attach-types.ts'
import type { ProgramType } from '../program/program-types.ts'
import type { BpfAttr } from '../raw/attr.ts'
import { tryBpf } from '../raw/bpf.ts'
import { Fd } from '../raw/fd.ts'
import { assemble } from '../raw/insn/assemble.ts'
import { PERF_COUNT_SW, PERF_TYPE, perfEventOpen } from '../raw/perf-event.ts'
import { NEEDS } from './needs.ts'
import { programAttr } from './program-types.ts'
import type { ProbeResult } from './result.ts'
import { SUPPORTED, refused } from './result.ts'
import { remembered, tryLink, tryLoad } from './trial.ts'

/** A device that does not exist: a kernel that knows the link gets as far as looking for it. */
const NO_DEVICE = 0x7fff_fffe
/** A descriptor that is not open: a kernel that knows the link gets as far as looking at it. */
const NO_FD = 0x7fff_fffe

/** Every network namespace has lo as its first device. */
const LOOPBACK = 1
const XDP_FLAGS_SKB_MODE = 2
const XDP_PASS = assemble('r0 = 2\nexit')

type LinkFields = BpfAttr<'BPF_LINK_CREATE'>

/** A probe that loads a program and creates a link that fails late, or succeeds and is closed at once. */
function link(
  type: ProgramType,
  attach: AttachType,
  fields: LinkFields,
  reached: readonly string[],
): () => string {
  return () => {
    using program = tryLoad({
      ...programAttr(type, attach),
      ...(type === 'xdp' ? { insns: XDP_PASS } : {}),
    })
    if (!program.fd) return program.code
    const attach_type = numberOf(ATTACH_TYPES, attach, 'probe attach kind')
    const code = tryLink({ prog_fd: program.fd, attach_type, ...fields })
    return reached.includes(code) ? 'OK' : code
  }
}

/**
 * A probe that loads a program and attaches it for a moment to the target that it was loaded for. BPF_LINK_CREATE does that, too, but not
 * on older kernels (kernel/bpf/syscall.c of 5.10: tracing_bpf_link_attach()).
 */
function byTarget(type: ProgramType, attach: AttachType): () => string {
  return () => {
    using program = tryLoad(programAttr(type, attach))
    if (!program.fd) return program.code
    const result = tryBpf('BPF_RAW_TRACEPOINT_OPEN', { prog_fd: program.fd })
    if (result < 0) return errnoCode(result)
    new Fd(result, 'trial link').close()
    return 'OK'
  }
}

const PROBES = {
  kprobe: () => (hasEventSource('kprobe') ? 'OK' : 'ENOENT'),
  uprobe: () => (hasEventSource('uprobe') ? 'OK' : 'ENOENT'),
  tracepoint: () =>
    ['/sys/kernel/tracing/events', '/sys/kernel/debug/tracing/events'].some((path) =>
      existsSync(path),
    )
      ? 'OK'
      : 'ENOENT',
  raw_tracepoint: rawTracepoint,
  perf_event: perfEvent,
  perf_event_link: perfEventLink,
  kprobe_multi: link(
    'kprobe',
    'trace_kprobe_multi',
    { kprobe_multi: { cnt: 1, syms: ['no_such_function_'] } },
    ['ESRCH', 'ENOENT'],
  ),
  kprobe_session: link(
    'kprobe',
    'trace_kprobe_session',
    { kprobe_multi: { cnt: 1, syms: ['no_such_function_'] } },
    ['ESRCH', 'ENOENT'],
  ),
  uprobe_multi: uprobeMulti('trace_uprobe_multi'),
  uprobe_session: uprobeMulti('trace_uprobe_session'),
  fentry: byTarget('tracing', 'trace_fentry'),
  fexit: byTarget('tracing', 'trace_fexit'),
  fmod_ret: byTarget('tracing', 'modify_return'),
  tp_btf: byTarget('tracing', 'trace_raw_tp'),
  lsm: byTarget('lsm', 'lsm_mac'),
  lsm_cgroup: link('lsm', 'lsm_cgroup', { target_fd: NO_FD }, ['EBADF']),
  iter: link('tracing', 'trace_iter', {}, ['OK']),
  // A kernel with XDP links says EINVAL for a missing device, as one without them does: lo it has to be.
  xdp_link: link('xdp', 'xdp', { target_ifindex: LOOPBACK, flags: XDP_FLAGS_SKB_MODE }, [
    'EBUSY',
    'EEXIST',
  ]),
  tcx: link('sched_cls', 'tcx_ingress', { target_ifindex: NO_DEVICE }, ['ENODEV']),
  netkit: link('sched_cls', 'netkit_primary', { target_ifindex: NO_DEVICE }, ['ENODEV']),
  netfilter: link('netfilter', 'netfilter', { netfilter: { pf: 255 } }, [
    'EAFNOSUPPORT',
    'EPFNOSUPPORT',
  ]),
  cgroup_link: link('cgroup_skb', 'cgroup_inet_ingress', { target_fd: NO_FD }, ['EBADF']),
  netns_link: link('sk_lookup', 'sk_lookup', { target_fd: NO_FD }, ['EBADF']),
  token,
} as const satisfies Record<string, () => string>

/** A way to attach a program, or a kind of link, that a kernel may have or not. */
export type AttachKind = keyof typeof PROBES

/** All of them. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.keys() forgets the type
export const ATTACH_KINDS = Object.keys(PROBES) as AttachKind[]

/**
 * Whether this kernel has a way to attach, found by trying; nothing stays attached. Remembered per process.
 */
export const probeAttachKind = remembered((kind: AttachKind): ProbeResult => {
  const code = PROBES[kind]()
  return code === 'OK' ? SUPPORTED : refused(kind.replaceAll('_', ' '), code, NEEDS[kind])
})

function hasEventSource(name: string): boolean {
  return existsSync(`/sys/bus/event_source/devices/${name}`)
}

function rawTracepoint(): string {
  using program = tryLoad(programAttr('raw_tracepoint'))
  if (!program.fd) return program.code
  const attr = { name: 'no_such_tracepoint', prog_fd: program.fd }
  const result = tryBpf('BPF_RAW_TRACEPOINT_OPEN', attr)
  return -result === errnoOf('ENOENT') ? 'OK' : errnoCode(result)
}

function perfEvent(): string {
  return openPerfEvent((code) => code)
}

function perfEventLink(): string {
  return openPerfEvent((code, event) => {
    using program = tryLoad(programAttr('perf_event'))
    if (!program.fd) return program.code
    const attach_type = numberOf(ATTACH_TYPES, 'perf_event', 'probe attach kind')
    return event ? tryLink({ prog_fd: program.fd, target_fd: event, attach_type }) : code
  })
}

function openPerfEvent(then: (code: string, event?: Fd) => string): string {
  const attr = { type: PERF_TYPE.SOFTWARE, config: PERF_COUNT_SW.CPU_CLOCK, flags: 1n }
  try {
    using event = perfEventOpen({ ...attr, sample_period: 1_000_000_000 }, { pid: 0 })
    return then('OK', event)
  } catch (error) {
    if (error instanceof BpfError) return error.code ?? 'EINVAL'
    throw error
  }
}

/** The root folder is no file that could be probed: a kernel with the link says EBADF. */
function uprobeMulti(attach: AttachType): () => string {
  return link(
    'kprobe',
    attach,
    { uprobe_multi: { path: '/', offsets: new BigUint64Array(1), cnt: 1 } },
    ['EBADF'],
  )
}

function token(): string {
  const result = tryBpf('BPF_TOKEN_CREATE', { bpffs_fd: NO_FD })
  return -result === errnoOf('EBADF') ? 'OK' : errnoCode(result)
}
