import type { StructSpec } from './layout.ts'
import { layout } from './layout.ts'

/** `struct bpf_prog_info` of include/uapi/linux/bpf.h; `flags` holds its one bit, gpl_compatible. */
const PROG_INFO = {
  type: 'u32',
  id: 'u32',
  tag: 'tag',
  jited_prog_len: 'u32',
  xlated_prog_len: 'u32',
  jited_prog_insns: 'ptr',
  xlated_prog_insns: 'ptr',
  load_time: 'u64',
  created_by_uid: 'u32',
  nr_map_ids: 'u32',
  map_ids: 'ptr',
  name: 'name',
  ifindex: 'u32',
  flags: 'u32',
  netns_dev: 'u64',
  netns_ino: 'u64',
  nr_jited_ksyms: 'u32',
  nr_jited_func_lens: 'u32',
  jited_ksyms: 'ptr',
  jited_func_lens: 'ptr',
  btf_id: 'u32',
  func_info_rec_size: 'u32',
  func_info: 'ptr',
  nr_func_info: 'u32',
  nr_line_info: 'u32',
  line_info: 'ptr',
  jited_line_info: 'ptr',
  nr_jited_line_info: 'u32',
  line_info_rec_size: 'u32',
  jited_line_info_rec_size: 'u32',
  nr_prog_tags: 'u32',
  prog_tags: 'ptr',
  run_time_ns: 'u64',
  run_cnt: 'u64',
  recursion_misses: 'u64',
  verified_insns: 'u32',
  attach_btf_obj_id: 'u32',
  attach_btf_id: 'u32',
} as const satisfies StructSpec

const MAP_INFO = {
  type: 'u32',
  id: 'u32',
  key_size: 'u32',
  value_size: 'u32',
  max_entries: 'u32',
  map_flags: 'u32',
  name: 'name',
  ifindex: 'u32',
  btf_vmlinux_value_type_id: 'u32',
  netns_dev: 'u64',
  netns_ino: 'u64',
  btf_id: 'u32',
  btf_key_type_id: 'u32',
  btf_value_type_id: 'u32',
  btf_vmlinux_id: 'u32',
  map_extra: 'u64',
} as const satisfies StructSpec

const BTF_INFO = {
  btf: 'ptr',
  btf_size: 'u32',
  id: 'u32',
  name: 'ptr',
  name_len: 'u32',
  kernel_btf: 'u32',
} as const satisfies StructSpec

/** `struct bpf_link_info`; `type` says which of the nested structs is filled in. */
const LINK_INFO = {
  type: 'u32',
  id: 'u32',
  prog_id: 'u32',
  raw_tracepoint: { at: 16, fields: { tp_name: 'ptr', tp_name_len: 'u32', cookie: 'u64@32' } },
  tracing: {
    at: 16,
    fields: {
      attach_type: 'u32',
      target_obj_id: 'u32',
      target_btf_id: 'u32',
      cookie: 'u64@32',
    },
  },
  cgroup: { at: 16, fields: { cgroup_id: 'u64', attach_type: 'u32' } },
  iter: {
    at: 16,
    fields: {
      target_name: 'ptr',
      target_name_len: 'u32',
      map_id: 'u32',
      cgroup_id: 'u64@32',
      order: 'u32',
      tid: 'u32@32',
      pid: 'u32',
    },
  },
  netns: { at: 16, fields: { netns_ino: 'u32', attach_type: 'u32' } },
  xdp: { at: 16, fields: { ifindex: 'u32' } },
  struct_ops: { at: 16, fields: { map_id: 'u32' } },
  netfilter: { at: 16, fields: { pf: 'u32', hooknum: 'u32', priority: 's32', flags: 'u32' } },
  kprobe_multi: {
    at: 16,
    fields: { addrs: 'ptr', count: 'u32', flags: 'u32', missed: 'u64', cookies: 'ptr' },
  },
  uprobe_multi: {
    at: 16,
    fields: {
      path: 'ptr',
      offsets: 'ptr',
      ref_ctr_offsets: 'ptr',
      cookies: 'ptr',
      path_size: 'u32',
      count: 'u32',
      flags: 'u32',
      pid: 'u32',
    },
  },
  perf_event: { at: 16, fields: { type: 'u32' } },
  perf_event_uprobe: {
    at: 24,
    fields: {
      file_name: 'ptr',
      name_len: 'u32',
      offset: 'u32',
      cookie: 'u64',
      ref_ctr_offset: 'u64',
    },
  },
  perf_event_kprobe: {
    at: 24,
    fields: {
      func_name: 'ptr',
      name_len: 'u32',
      offset: 'u32',
      addr: 'u64',
      missed: 'u64',
      cookie: 'u64',
    },
  },
  perf_event_tracepoint: { at: 24, fields: { tp_name: 'ptr', name_len: 'u32', cookie: 'u64@40' } },
  perf_event_event: { at: 24, fields: { config: 'u64', type: 'u32', cookie: 'u64@40' } },
  tcx: { at: 16, fields: { ifindex: 'u32', attach_type: 'u32' } },
  netkit: { at: 16, fields: { ifindex: 'u32', attach_type: 'u32' } },
  sockmap: { at: 16, fields: { map_id: 'u32', attach_type: 'u32' } },
} as const satisfies StructSpec

/** The fields of the info structs that BPF_OBJ_GET_INFO_BY_FD fills in. */
export const INFO_FIELDS = { prog: PROG_INFO, map: MAP_INFO, btf: BTF_INFO, link: LINK_INFO }

/** The same with their offsets. */
export const INFO_LAYOUTS = {
  prog: layout(PROG_INFO),
  map: layout(MAP_INFO),
  btf: layout(BTF_INFO),
  link: layout(LINK_INFO),
}
