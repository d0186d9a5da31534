// SPDX-License-Identifier: (MIT OR GPL-2.0)
// Calls that the verifier does not allow: which helper, with what, from where.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "rejected.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, u32);
	__type(value, u64);
} packets SEC(".maps");

// XDP runs before the kernel knows which socket, so which user, a packet is for.
SEC("?xdp")
MISTAKE("asks XDP for the user of a packet, which XDP does not know")
REJECTED("helper-not-allowed",
	 "unknown func bpf_get_socket_uid | cannot use helper bpf_get_socket_uid")
int wrong_helper(struct xdp_md *ctx)
{
	u32 uid = bpf_get_socket_uid((void *)ctx); // <- here

	return uid == 0 ? XDP_DROP : XDP_PASS;
}

// A socket filter runs when the socket is known.
SEC("?socket")
int wrong_helper_fixed(struct __sk_buff *skb)
{
	u32 uid = bpf_get_socket_uid(skb);

	return uid == 0 ? 0 : skb->len;
}

// The first argument of a lookup is the map. `&key` compiles just as well: to C it is a `void *`.
SEC("?xdp")
MISTAKE("looks up in a variable instead of a map")
REJECTED("wrong-argument-type", "R1 type=fp expected=map_ptr")
int not_a_map(struct xdp_md *ctx)
{
	u32 key = ctx->ingress_ifindex;
	u64 *n = bpf_map_lookup_elem(&key, &key); // <- here

	return n ? XDP_PASS : XDP_DROP;
}

SEC("?xdp")
int not_a_map_fixed(struct xdp_md *ctx)
{
	u32 key = ctx->ingress_ifindex;
	u64 *n = bpf_map_lookup_elem(&packets, &key);

	return n ? XDP_PASS : XDP_DROP;
}
