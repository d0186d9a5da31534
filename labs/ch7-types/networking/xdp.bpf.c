// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct packet { __u32 bytes, interface, port; };

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, struct packet);
} packets SEC(".maps");

// Gets a frame that comes in as the driver has it, from the Ethernet header on: what
// lies between data and data_end. XDP_PASS hands it to the network stack, XDP_DROP
// throws it away, XDP_TX sends it back, XDP_REDIRECT sends it elsewhere.
SEC("xdp")
int on_frame(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct udphdr *udp = data + sizeof(struct ethhdr) + sizeof(struct iphdr);
	struct packet packet = { end - data, ctx->ingress_ifindex };

	if ((void *)(udp + 1) > end) // or the verifier allows no look at it
		return XDP_PASS;
	packet.port = bpf_ntohs(udp->dest);
	bpf_ringbuf_output(&packets, &packet, sizeof(packet), 0);
	return packet.port == 4243 ? XDP_DROP : XDP_PASS;
}
