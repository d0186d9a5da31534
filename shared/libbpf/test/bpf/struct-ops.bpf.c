// A TCP congestion control that counts the connections it is asked about, and never slows down.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

__u64 connections = 0;

SEC("struct_ops")
void BPF_PROG(counting_init, struct sock *sk)
{
	__sync_fetch_and_add(&connections, 1);
}

SEC("struct_ops")
__u32 BPF_PROG(counting_ssthresh, struct sock *sk)
{
	return 1000;
}

SEC("struct_ops")
__u32 BPF_PROG(counting_undo_cwnd, struct sock *sk)
{
	return 1000;
}

SEC("struct_ops")
void BPF_PROG(counting_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
}

SEC(".struct_ops")
struct tcp_congestion_ops counting = {
	.init = (void *)counting_init,
	.ssthresh = (void *)counting_ssthresh,
	.undo_cwnd = (void *)counting_undo_cwnd,
	.cong_avoid = (void *)counting_cong_avoid,
	.name = "bpf_counting",
};
