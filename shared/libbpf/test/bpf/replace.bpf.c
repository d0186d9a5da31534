// An XDP program that calls a global function, and a program that takes that function's place.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

__attribute__((noinline)) int verdict(struct xdp_md *ctx)
{
	volatile int pass = XDP_PASS;

	return pass;
}

SEC("?xdp")
int ask(struct xdp_md *ctx)
{
	return verdict(ctx);
}

SEC("?freplace/verdict")
int drop(struct xdp_md *ctx)
{
	return XDP_DROP;
}
