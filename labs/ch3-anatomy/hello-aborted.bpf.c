// SPDX-License-Identifier: (MIT OR GPL-2.0)
// hello.bpf.c with another verdict: what a program does that forgets to decide.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

__u64 counter = 0;

SEC("xdp")
int hello(struct xdp_md *ctx)
{
	bpf_printk("Hello World %llu", counter);
	__sync_fetch_and_add(&counter, 1);
	return 0; // XDP_ABORTED
}
