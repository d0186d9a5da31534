// SPDX-License-Identifier: (MIT OR GPL-2.0)
// The verifier walks a loop round by round, until it has seen the end or a million instructions.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "rejected.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

volatile u32 c = 1; // any value, for all the verifier knows
volatile u64 sum;

// Each round looks like the one before: nothing that changes will ever end it.
SEC("?xdp")
MISTAKE("waits in a loop that nothing ends")
REJECTED("infinite-loop", "infinite loop detected at insn {}")
int endless_loop(struct xdp_md *ctx)
{
	while (c != 0) // <- here
		;
	return XDP_PASS;
}

// With a counter, rounds differ, and the last one is known.
SEC("?xdp")
int endless_loop_fixed(struct xdp_md *ctx)
{
	for (u32 i = 0; i < 64 && c != 0; i++)
		;
	return XDP_PASS;
}

// It ends some day, but maybe after four billion rounds.
SEC("?xdp")
MISTAKE("loops as often as a variable says")
REJECTED("too-complex",
	 "BPF program is too large. Processed {} insn | The sequence of {} jumps is too complex")
int unbounded_loop(struct xdp_md *ctx)
{
	for (u32 i = 0; i < c; i++)
		sum += i;
	return XDP_PASS;
}

SEC("?xdp")
int unbounded_loop_fixed(struct xdp_md *ctx)
{
	for (u32 i = 0; i < c && i < 64; i++)
		sum += i;
	return XDP_PASS;
}

// Both bounds are known, but 1000 x 1000 rounds are more than a million instructions.
SEC("?xdp")
MISTAKE("loops a million times, in a loop in a loop")
REJECTED("too-complex",
	 "BPF program is too large. Processed {} insn | The sequence of {} jumps is too complex")
int complex_loop(struct xdp_md *ctx)
{
	for (u32 i = 0; i < 1000; i++)
		for (u32 k = 0; k < 1000; k++)
			sum += i ^ k;
	return XDP_PASS;
}

SEC("?xdp")
int complex_loop_fixed(struct xdp_md *ctx)
{
	for (u32 i = 0; i < 100; i++)
		for (u32 k = 0; k < 100; k++)
			sum += i ^ k;
	return XDP_PASS;
}
