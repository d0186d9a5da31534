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
int too_many_steps(struct xdp_md *ctx)
{
	for (int i = 0; i < 2000000; i++)
		total += bpf_get_prandom_u32();
	return XDP_PASS;
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
