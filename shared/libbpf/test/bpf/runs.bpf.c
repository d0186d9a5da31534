// Programs for testRun(): one changes a packet, one its context, one fails on purpose.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct arguments {
	__u32 left, right;
	__u64 sum;
};

SEC("xdp")
int grow(struct xdp_md *ctx)
{
	if (bpf_xdp_adjust_head(ctx, -4))
		return XDP_ABORTED;
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (data + 4 > end)
		return XDP_DROP;
	data[0] = data[1] = data[2] = data[3] = 0xbb;
	return XDP_TX;
}

SEC("tc")
int mark(struct __sk_buff *skb)
{
	skb->mark = skb->mark + skb->len;
	return 2; // TC_ACT_SHOT
}

SEC("syscall")
int add(struct arguments *ctx)
{
	ctx->sum = (__u64)ctx->left + ctx->right;
	return -7;
}

SEC("raw_tp")
int arguments(struct bpf_raw_tracepoint_args *ctx)
{
	return ctx->args[0] + ctx->args[1];
}

SEC("kprobe")
int never_run(void *ctx)
{
	return 0;
}
