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

#define PORT (sizeof(struct ethhdr) + sizeof(struct iphdr) + offsetof(struct udphdr, dest))

// Gets what leaves one end of a netkit pair, on its way to the other end.
// NETKIT_PASS (0) delivers it, NETKIT_DROP (2) does not.
SEC("netkit/primary")
int on_packet(struct __sk_buff *skb)
{
	__be16 port = 0;
	bpf_skb_load_bytes(skb, PORT, &port, sizeof(port));
	struct packet packet = { skb->len, skb->ifindex, bpf_ntohs(port) };
	bpf_ringbuf_output(&packets, &packet, sizeof(packet), 0);
	return packet.port == 4243 ? 2 : 0;
}
