// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct packet { __u32 offset, protocol, port; };

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, struct packet);
} packets SEC(".maps");

// Gets a packet whose addresses and ports the kernel asks for, here to find a route.
// BPF_OK: they are what stands in flow_keys now. BPF_DROP: it has none.
SEC("flow_dissector")
int on_question(struct __sk_buff *skb)
{
	struct bpf_flow_keys *keys = skb->flow_keys;
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	struct packet packet = { keys->nhoff, bpf_ntohs(keys->n_proto) };
	struct iphdr *ip = data + packet.offset;
	struct udphdr *udp = (void *)(ip + 1);

	if (packet.offset > 1000 || (void *)(udp + 1) > end)
		return BPF_DROP;
	packet.port = bpf_ntohs(udp->dest);
	bpf_ringbuf_output(&packets, &packet, sizeof(packet), 0);
	keys->ip_proto = ip->protocol;
	keys->dport = packet.port == 4243 ? bpf_htons(7) : udp->dest;
	return BPF_OK;
}
