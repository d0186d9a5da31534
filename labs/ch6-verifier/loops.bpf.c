// SPDX-License-Identifier: (MIT OR GPL-2.0)
// Loops that the verifier accepts. Each adds up 0, 1, 2 … in `sum`.
#define BPF_NO_KFUNC_PROTOTYPES
#include "vmlinux.h"

// Before Linux 6.4 the kernel has no bpf_iter_num, and this file has to compile there too.
#define bpf_iter_num bpf_iter_num___any
struct bpf_iter_num {
	u64 opaque;
};

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

// .rodata: user space sets it before the load, then it is frozen, and the verifier reads it.
const volatile u32 bound = 100;
// .data: user space may change it at any time, so the verifier knows nothing of it.
u32 rounds = 1000000;

volatile u64 sum;

// Linux 5.3: a loop with an end in sight. The verifier walks through all its rounds.
SEC("?xdp")
int bounded_loop(struct xdp_md *ctx)
{
	for (u32 i = 0; i < bound; i++)
		sum += i;
	return XDP_PASS;
}

static int add(u64 i, void *unused)
{
	sum += i;
	return 0; // 1 would end the loop
}

// Linux 5.17: the helper does the rounds, and the verifier walks through `add` a few times.
SEC("?xdp")
int helper_loop(struct xdp_md *ctx)
{
	bpf_loop(rounds, add, NULL, 0);
	return XDP_PASS;
}

// Linux 6.4: an open-coded iterator. bpf_for() hands out the numbers and ends by itself.
SEC("?xdp")
int iterator_loop(struct xdp_md *ctx)
{
	int i;

	bpf_for(i, 0, rounds)
	{
		sum += i;
	}
	return XDP_PASS;
}
