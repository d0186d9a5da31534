// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct packet { __u32 bytes, protocol, from, port; };

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, struct packet);
} packets SEC(".maps");

// Gets what a socket is about to receive; for UDP it starts with the UDP header.
// Returns how many bytes of it the socket shall have: 0 drops it.
SEC("socket")
int on_datagram(struct __sk_buff *skb)
{
	struct udphdr udp = {};
	bpf_skb_load_bytes(skb, 0, &udp, sizeof(udp));
	struct packet packet = { skb->len, bpf_ntohs(skb->protocol),
				 bpf_ntohs(udp.source), bpf_ntohs(udp.dest) };
	bpf_ringbuf_output(&packets, &packet, sizeof(packet), 0);
	return skb->len > 100 ? 0 : sizeof(udp) + 5;
}
