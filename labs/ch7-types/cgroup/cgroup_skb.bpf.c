// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct packet { __u32 bytes, from, port; };

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, struct packet);
} packets SEC(".maps");

// Gets a packet that a socket of the cgroup sends, from the IP header on, and what is
// known of the socket. 1 lets it go, 0 does not: who sends it gets EPERM.
SEC("cgroup_skb/egress")
int on_packet(struct __sk_buff *skb)
{
	struct packet packet = { skb->len, skb->local_port, bpf_ntohl(skb->remote_port) };
	bpf_ringbuf_output(&packets, &packet, sizeof(packet), 0);
	return packet.port != 4243;
}
