// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct packet { __u32 bytes, protocol, any, letter; };

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, struct packet);
} packets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_REUSEPORT_SOCKARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} sockets SEC(".maps");

// Gets a packet, from the UDP header on, for which one of the sockets that share a port
// has to be chosen. SK_PASS: the one that bpf_sk_select_reuseport() took, or any.
// SK_DROP: none.
SEC("sk_reuseport")
int on_choice(struct sk_reuseport_md *ctx)
{
	__u8 letter = 0;
	bpf_skb_load_bytes(ctx, sizeof(struct udphdr), &letter, 1);
	struct packet packet = { ctx->len, ctx->ip_protocol, ctx->bind_inany, letter };
	bpf_ringbuf_output(&packets, &packet, sizeof(packet), 0);
	__u32 which = letter - 'a';
	return bpf_sk_select_reuseport(ctx, &sockets, &which, 0) ? SK_DROP : SK_PASS;
}
