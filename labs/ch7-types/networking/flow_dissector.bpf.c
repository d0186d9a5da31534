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

struct headers { struct iphdr ip; struct udphdr udp; };

// Gets a packet whose addresses and ports the kernel asks for, here to find a route.
// BPF_OK: they are what stands in flow_keys now. BPF_DROP: it has none.
SEC("flow_dissector")
int on_question(struct __sk_buff *skb)
{
	struct bpf_flow_keys *keys = skb->flow_keys;
	struct headers headers = {};

	if (bpf_skb_load_bytes(skb, keys->nhoff, &headers, sizeof(headers)))
		return BPF_DROP;
	struct packet packet = { keys->nhoff, bpf_ntohs(keys->n_proto),
				 bpf_ntohs(headers.udp.dest) };
	bpf_ringbuf_output(&packets, &packet, sizeof(packet), 0);
	keys->ip_proto = headers.ip.protocol;
	keys->dport = packet.port == 4243 ? bpf_htons(7) : headers.udp.dest;
	return BPF_OK;
}
