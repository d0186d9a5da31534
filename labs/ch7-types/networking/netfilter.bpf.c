// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct packet { __u32 bytes, hook, family, interface, port; };

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, struct packet);
} packets SEC(".maps");

struct packet_at_hook { // bpf_nf_ctx, which vmlinux.h has from Linux 6.4 on
	const struct nf_hook_state *state;
	struct sk_buff *skb;
};

// Gets the kernel's own struct of the packet, from the IP header on, and where netfilter
// stands. NF_ACCEPT (1) lets it go on, NF_DROP (0) drops it.
SEC("netfilter")
int on_packet(struct packet_at_hook *ctx)
{
	const struct nf_hook_state *state = ctx->state;
	struct sk_buff *skb = ctx->skb;
	struct udphdr udp;

	bpf_probe_read_kernel(&udp, sizeof(udp), skb->head + skb->transport_header);
	struct packet packet = { skb->len, state->hook, state->pf, state->in->ifindex,
				 bpf_ntohs(udp.dest) };
	bpf_ringbuf_output(&packets, &packet, sizeof(packet), 0);
	return packet.port == 4243 ? 0 : 1;
}
