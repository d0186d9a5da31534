/**
 * First part of each section name that tells a program type, and the libbpf release that brought it if after 1.0
 * (libbpf.c, section_defs).
 */
export const SECTION_NAMES: ReadonlyMap<string, string | undefined> = new Map(
  `socket sk_reuseport kprobe uprobe uprobe.s kretprobe uretprobe uretprobe.s kprobe.multi kretprobe.multi
   ksyscall kretsyscall usdt tc classifier action tracepoint tp raw_tracepoint raw_tp raw_tracepoint.w raw_tp.w
   tp_btf fentry fmod_ret fexit fentry.s fmod_ret.s fexit.s freplace lsm lsm.s lsm_cgroup iter iter.s syscall
   xdp xdp.frags perf_event lwt_in lwt_out lwt_xmit lwt_seg6local sockops sk_skb sk_msg lirc_mode2
   flow_dissector cgroup_skb cgroup struct_ops sk_lookup
   struct_ops.s:1.1 netfilter:1.2 tcx:1.3 netkit:1.3 usdt.s:1.3 uprobe.multi:1.3 uretprobe.multi:1.3
   uprobe.multi.s:1.3 uretprobe.multi.s:1.3 kprobe.session:1.5 uprobe.session:1.6 uprobe.session.s:1.6
   fsession:1.7 fsession.s:1.7`
    .trim()
    .split(/\s+/)
    .map((entry) => {
      const [name = '', since] = entry.split(':')
      return [name, since] as const
    }),
)

/** What may stand behind a first part that tells no more than the kind: `cgroup/connect4`. */
export const SECTIONS_OF_TWO: readonly string[] =
  `sk_reuseport/migrate tc/ingress tc/egress tcx/ingress tcx/egress netkit/primary netkit/peer xdp/devmap xdp/cpumap
   xdp.frags/devmap xdp.frags/cpumap sk_skb/stream_parser sk_skb/stream_verdict sk_skb/verdict cgroup_skb/ingress
   cgroup_skb/egress cgroup/skb cgroup/sock_create cgroup/sock_release cgroup/sock cgroup/post_bind4
   cgroup/post_bind6 cgroup/bind4 cgroup/bind6 cgroup/connect4 cgroup/connect6 cgroup/connect_unix cgroup/sendmsg4
   cgroup/sendmsg6 cgroup/sendmsg_unix cgroup/recvmsg4 cgroup/recvmsg6 cgroup/recvmsg_unix cgroup/getpeername4
   cgroup/getpeername6 cgroup/getpeername_unix cgroup/getsockname4 cgroup/getsockname6 cgroup/getsockname_unix
   cgroup/sysctl cgroup/getsockopt cgroup/setsockopt cgroup/dev`
    .trim()
    .split(/\s+/)

/** First parts that are no section name by themselves. */
export const NEVER_ALONE: ReadonlySet<string> = new Set(['cgroup', 'cgroup_skb', 'tcx', 'netkit'])
