/** Link types by number, `BPF_LINK_TYPE_…` of include/uapi/linux/bpf.h (Linux 6.19). */
export const LINK_TYPES = [
  'unspec',
  'raw_tracepoint',
  'tracing',
  'cgroup',
  'iter',
  'netns',
  'xdp',
  'perf_event',
  'kprobe_multi',
  'struct_ops',
  'netfilter',
  'tcx',
  'uprobe_multi',
  'netkit',
  'sockmap',
] as const

/** Name of a link type: `xdp` is `BPF_LINK_TYPE_XDP`. */
export type LinkType = (typeof LINK_TYPES)[number]
