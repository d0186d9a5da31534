// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct packet { __u32 bytes, protocol, port; };

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, struct packet);
} packets SEC(".maps");

#define PORT (sizeof(struct iphdr) + offsetof(struct udphdr, dest))

// Gets a packet that takes a certain route, from the IP header on. BPF_OK lets it go on,
// BPF_DROP drops it, and the sender is told; it may push other headers in front, too.
SEC("lwt_xmit")
int on_route(struct __sk_buff *skb)
{
	__be16 port = 0;
	bpf_skb_load_bytes(skb, PORT, &port, sizeof(port));
	struct packet packet = { skb->len, bpf_ntohs(skb->protocol), bpf_ntohs(port) };
	bpf_ringbuf_output(&packets, &packet, sizeof(packet), 0);
	return packet.port == 4243 ? BPF_DROP : BPF_OK;
}
