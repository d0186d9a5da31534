#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "rejected.h"

char LICENSE[] SEC("license") = "GPL";

u64 total;

REJECTED("infinite-loop")
SEC("?xdp")
__naked int endless(void)
{
	asm volatile("r0 = 0;"
		     "1: goto 1b;");
}

REJECTED("infinite-loop")
SEC("?xdp")
int unbounded(struct xdp_md *ctx)
{
	while (bpf_get_prandom_u32())
		asm volatile("");
	return XDP_PASS;
}

REJECTED("too-complex")
SEC("?xdp")
__naked int too_many_branches(void)
{
	/* The verifier keeps at most 8,192 ways that it has still to go. */
	asm volatile(".rept 8200;"
		     "call %0;"
		     "if r0 == 42 goto 1f;"
		     ".endr;"
		     "1: r0 = 2;"
		     "exit;"
		     :: "i"(bpf_get_prandom_u32)
		     : "memory");
}

ACCEPTED
SEC("?xdp")
int bounded(struct xdp_md *ctx)
{
	for (int i = 0; i < 10; i++)
		total += bpf_get_prandom_u32();
	return XDP_PASS;
}

static int step(u32 i, void *data)
{
	total += i;
	return 0;
}

ACCEPTED
SEC("?xdp")
int by_helper(struct xdp_md *ctx)
{
	bpf_loop(1 << 20, step, NULL, 0);
	return XDP_PASS;
}
