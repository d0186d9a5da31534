// Rejected after a long loop, so that the verifier's log of level 2 is megabytes long.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

SEC("raw_tp/sys_enter")
int walks(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 sum = 0;

#pragma clang loop unroll(disable)
	for (int i = 0; i < 1000; i++) {
		sum += bpf_get_prandom_u32() ^ i;
		barrier_var(sum);
	}
	return *(volatile __u8 *)sum; // a number is no pointer
}
