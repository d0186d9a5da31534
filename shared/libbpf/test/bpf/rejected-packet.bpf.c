#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "rejected.h"

char LICENSE[] SEC("license") = "GPL";

REJECTED("packet-bounds")
SEC("?xdp")
int no_bounds_check(struct xdp_md *ctx)
{
	struct ethhdr *eth = (void *)(long)ctx->data;

	return eth->h_proto == 8 ? XDP_DROP : XDP_PASS;
}

REJECTED("pointer-arithmetic")
SEC("?xdp")
int move_data_end(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;

	end++;
	barrier_var(end);
	return data + 14 > end ? XDP_PASS : XDP_DROP;
}

REJECTED("context-access")
SEC("?xdp")
int write_data_end(struct xdp_md *ctx)
{
	ctx->data_end = 0;
	return XDP_PASS;
}

REJECTED("context-access")
SEC("?tracepoint/syscalls/sys_enter_openat")
int common_fields(struct trace_event_raw_sys_enter *ctx)
{
	return ctx->ent.pid;
}

REJECTED("context-access")
SEC("?xdp")
int beyond_context(void *ctx)
{
	return *((volatile u32 *)ctx + 100);
}
