// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

__u32 port = 0; // of the other side
__u32 acknowledged = 0; // packets, until the connection is closed

/* TCP may have this many packets on their way, and no more. */
#define WINDOW 7

/* Each is called where the kernel would call a function of its own, gets its arguments, and returns its result. */
SEC("struct_ops")
void BPF_PROG(begin, struct sock *sk)
{
	port = bpf_ntohs(sk->__sk_common.skc_dport);
}

SEC("struct_ops")
void BPF_PROG(keep_window, struct sock *sk, __u32 ack, __u32 acked)
{
	((struct tcp_sock *)sk)->snd_cwnd = WINDOW;
	if (sk->__sk_common.skc_state == TCP_ESTABLISHED)
		acknowledged += acked;
}

SEC("struct_ops")
__u32 BPF_PROG(threshold, struct sock *sk)
{
	return WINDOW;
}

SEC("struct_ops")
__u32 BPF_PROG(restored, struct sock *sk)
{
	return WINDOW;
}

/* The table of functions that TCP gets: a congestion control, written in BPF. */
SEC(".struct_ops")
struct tcp_congestion_ops ch7_types = {
	.init = (void *)begin,
	.cong_avoid = (void *)keep_window,
	.ssthresh = (void *)threshold,
	.undo_cwnd = (void *)restored,
	.name = "ch7_types",
};
