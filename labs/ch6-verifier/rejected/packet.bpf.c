// SPDX-License-Identifier: (MIT OR GPL-2.0)
// A packet may be empty: every byte is out of reach until it was compared with data_end.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
#include "rejected.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

SEC("?xdp")
MISTAKE("reads a packet without a look at its length")
REJECTED("packet-bounds", "invalid access to packet, off=12 size=2")
int unchecked_packet(struct xdp_md *ctx)
{
	struct ethhdr *eth = (void *)(long)ctx->data;

	if (eth->h_proto == bpf_htons(0x0800)) // <- here
		return XDP_PASS;
	return XDP_DROP;
}

SEC("?xdp")
int unchecked_packet_fixed(struct xdp_md *ctx)
{
	struct ethhdr *eth = (void *)(long)ctx->data;

	if ((void *)(eth + 1) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	if (eth->h_proto == bpf_htons(0x0800))
		return XDP_PASS;
	return XDP_DROP;
}

// If the end could be moved, every check against it would be worth nothing.
SEC("?xdp")
MISTAKE("moves the end of the packet, in a register")
REJECTED("pointer-arithmetic", "pointer arithmetic on pkt_end prohibited")
int moved_data_end(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;

	data_end++; // <- here
	return data < data_end ? XDP_PASS : XDP_DROP;
}

SEC("?xdp")
int moved_data_end_fixed(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;

	return data + 1 <= data_end ? XDP_PASS : XDP_DROP;
}

SEC("?xdp")
MISTAKE("moves the end of the packet, in the context")
REJECTED("context-access", "invalid bpf_context access off=4 size=4")
int written_data_end(struct xdp_md *ctx)
{
	ctx->data_end = 0; // <- here
	return XDP_PASS;
}

// To move the end of a packet, ask the kernel.
SEC("?xdp")
int written_data_end_fixed(struct xdp_md *ctx)
{
	return bpf_xdp_adjust_tail(ctx, -1) == 0 ? XDP_PASS : XDP_DROP;
}
