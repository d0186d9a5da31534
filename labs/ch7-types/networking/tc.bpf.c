// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct packet { __u32 bytes, interface, mark, port; };

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, struct packet);
} packets SEC(".maps");

#define UDP (sizeof(struct ethhdr) + sizeof(struct iphdr))
#define PORT (UDP + offsetof(struct udphdr, dest))
#define CHECKSUM (UDP + offsetof(struct udphdr, check))

// Gets a packet that goes out or comes in, with what the network stack knows of it, and
// may change it. TC_ACT_OK (0) lets it go on, TC_ACT_SHOT (2) drops it.
SEC("tc")
int on_packet(struct __sk_buff *skb)
{
	__be16 port = 0, other = bpf_htons(4242);
	bpf_skb_load_bytes(skb, PORT, &port, sizeof(port));
	struct packet packet = { skb->len, skb->ifindex, skb->mark, bpf_ntohs(port) };
	bpf_ringbuf_output(&packets, &packet, sizeof(packet), 0);
	if (packet.port == 4243) {
		bpf_l4_csum_replace(skb, CHECKSUM, port, other, BPF_F_MARK_MANGLED_0 | sizeof(port));
		bpf_skb_store_bytes(skb, PORT, &other, sizeof(other), 0);
	}
	return 0;
}
