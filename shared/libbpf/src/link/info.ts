import { nameOf } from '../errors/names.ts'
import { textOf } from '../ffi/c-struct.ts'
import { objectInfo } from '../raw/objects.ts'
import type { ObjectInfo } from '../raw/objects.ts'
import { ATTACH_TYPES } from '../program/attach-types.ts'
import type { AttachType } from '../program/attach-types.ts'
import { LINK_TYPES } from './link-types.ts'
import { perfEventInfo } from './perf-event-info.ts'
import type { PerfEventInfo } from './perf-event-info.ts'

type Attach = AttachType | `type ${number}`

/** What every link has. */
interface Common {
  id: number
  /** 0 for a struct_ops link. */
  programId: number
}

/** What the kernel knows about a link (linux/bpf.h, struct bpf_link_info); `type` says which fields there are. */
export type LinkInfo = Common &
  (
    | { type: 'raw_tracepoint'; tracepoint: string; cookie: bigint }
    | {
        type: 'tracing'
        attachType: Attach
        /** Id of the BTF that has the target, or of the program for freplace. */
        targetObjectId: number
        targetBtfId: number
        cookie: bigint
      }
    | { type: 'cgroup'; cgroupId: bigint; attachType: Attach }
    | { type: 'iter'; target: string; mapId: number; cgroupId: bigint; tid: number; pid: number }
    | { type: 'netns'; netnsInode: number; attachType: Attach }
    | { type: 'xdp'; ifindex: number }
    | { type: 'struct_ops'; mapId: number }
    | { type: 'netfilter'; family: number; hook: number; priority: number; flags: number }
    | { type: 'kprobe_multi'; count: number; retprobe: boolean; missed: bigint }
    | { type: 'uprobe_multi'; path: string; count: number; retprobe: boolean; pid: number }
    | { type: 'tcx' | 'netkit'; ifindex: number; attachType: Attach }
    | { type: 'sockmap'; mapId: number; attachType: Attach }
    | ({ type: 'perf_event' } & PerfEventInfo)
    | { type: 'unspec' | `type ${number}` }
  )

/** Bytes for a name or path that the kernel copies out; PATH_MAX. */
const NAME_BYTES = 4096

/** Asks the kernel about the link behind a file descriptor. */
export function linkInfo(fd: number): LinkInfo {
  const plain = objectInfo('link', { fd })
  const common = { id: plain.u32('id'), programId: plain.u32('prog_id') }
  const type = nameOf(LINK_TYPES, plain.u32('type'))
  const attachType = (of: string): Attach => nameOf(ATTACH_TYPES, plain.u32(`${of}.attach_type`))
  switch (type) {
    case 'raw_tracepoint':
      return { ...common, type, ...rawTracepoint(fd) }
    case 'tracing':
      return {
        ...common,
        type,
        attachType: attachType('tracing'),
        targetObjectId: plain.u32('tracing.target_obj_id'),
        targetBtfId: plain.u32('tracing.target_btf_id'),
        cookie: plain.u64('tracing.cookie'),
      }
    case 'cgroup':
      return {
        ...common,
        type,
        cgroupId: plain.u64('cgroup.cgroup_id'),
        attachType: attachType('cgroup'),
      }
    case 'iter':
      return { ...common, type, ...iter(fd) }
    case 'netns':
      return {
        ...common,
        type,
        netnsInode: plain.u32('netns.netns_ino'),
        attachType: attachType('netns'),
      }
    case 'xdp':
      return { ...common, type, ifindex: plain.u32('xdp.ifindex') }
    case 'struct_ops':
      return { ...common, type, mapId: plain.u32('struct_ops.map_id') }
    case 'netfilter':
      return { ...common, type, ...netfilter(plain) }
    case 'kprobe_multi':
      return {
        ...common,
        type,
        count: plain.u32('kprobe_multi.count'),
        retprobe: (plain.u32('kprobe_multi.flags') & 1) === 1,
        missed: plain.u64('kprobe_multi.missed'),
      }
    case 'uprobe_multi':
      return { ...common, type, ...uprobeMulti(fd) }
    case 'tcx':
    case 'netkit':
      return {
        ...common,
        type,
        ifindex: plain.u32(`${type}.ifindex`),
        attachType: attachType(type),
      }
    case 'sockmap':
      return {
        ...common,
        type,
        mapId: plain.u32('sockmap.map_id'),
        attachType: attachType('sockmap'),
      }
    case 'perf_event':
      return { ...common, type, ...perfEventInfo(fd) }
    default:
      return { ...common, type }
  }
}

function rawTracepoint(fd: number): { tracepoint: string; cookie: bigint } {
  const name = new Uint8Array(NAME_BYTES)
  const info = objectInfo(
    'link',
    { fd },
    { raw_tracepoint: { tp_name: name, tp_name_len: name.length } },
  )
  return { tracepoint: textOf(name), cookie: info.u64('raw_tracepoint.cookie') }
}

function iter(fd: number): {
  target: string
  mapId: number
  cgroupId: bigint
  tid: number
  pid: number
} {
  const name = new Uint8Array(NAME_BYTES)
  const info = objectInfo(
    'link',
    { fd },
    { iter: { target_name: name, target_name_len: name.length } },
  )
  return {
    target: textOf(name),
    mapId: info.u32('iter.map_id'),
    cgroupId: info.u64('iter.cgroup_id'),
    tid: info.u32('iter.tid'),
    pid: info.u32('iter.pid'),
  }
}

function netfilter(info: ObjectInfo): {
  family: number
  hook: number
  priority: number
  flags: number
} {
  return {
    family: info.u32('netfilter.pf'),
    hook: info.u32('netfilter.hooknum'),
    priority: info.u32('netfilter.priority') | 0,
    flags: info.u32('netfilter.flags'),
  }
}

function uprobeMulti(fd: number): { path: string; count: number; retprobe: boolean; pid: number } {
  const path = new Uint8Array(NAME_BYTES)
  const info = objectInfo('link', { fd }, { uprobe_multi: { path, path_size: path.length } })
  return {
    path: textOf(path),
    count: info.u32('uprobe_multi.count'),
    retprobe: (info.u32('uprobe_multi.flags') & 1) === 1,
    pid: info.u32('uprobe_multi.pid'),
  }
}
