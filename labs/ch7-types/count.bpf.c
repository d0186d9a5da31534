// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

__u64 hits = 0;

static __always_inline int count(int verdict)
{
	__sync_fetch_and_add(&hits, 1);
	return verdict;
}

/* The question mark: it is loaded only if the loader says so. Where it attaches is said by the loader, too. */
SEC("?kprobe") int kprobe(void *ctx)
{
	return count(0);
}

SEC("?fentry") int fentry(void *ctx)
{
	return count(0);
}

SEC("?fexit") int fexit(void *ctx)
{
	return count(0);
}

SEC("?tracepoint") int tracepoint(void *ctx)
{
	return count(0);
}

SEC("?raw_tp") int raw_tp(void *ctx)
{
	return count(0);
}

SEC("?tp_btf") int tp_btf(void *ctx)
{
	return count(0);
}

SEC("?xdp") int xdp(struct xdp_md *ctx)
{
	return count(XDP_PASS);
}

SEC("?cgroup_skb/egress") int cgroup_skb(struct __sk_buff *ctx)
{
	return count(1);
}
