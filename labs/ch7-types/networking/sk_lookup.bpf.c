// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct lookup { __u32 protocol, from, port; };

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, struct lookup);
} lookups SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SOCKMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} sockets SEC(".maps");

// Gets addresses and ports of a packet for which a listening socket is looked for, before
// the kernel looks. SK_PASS: bpf_sk_assign() has chosen it, or the kernel goes on to look.
// SK_DROP: there is none.
SEC("sk_lookup")
int on_lookup(struct bpf_sk_lookup *ctx)
{
	struct lookup lookup = { ctx->protocol, bpf_ntohs(ctx->remote_port), ctx->local_port };
	bpf_ringbuf_output(&lookups, &lookup, sizeof(lookup), 0);
	if (lookup.port != 4243)
		return lookup.port == 4244 ? SK_DROP : SK_PASS;
	struct bpf_sock *socket = bpf_map_lookup_elem(&sockets, &(__u32){ 0 });
	if (!socket)
		return SK_DROP;
	bpf_sk_assign(ctx, socket, 0);
	bpf_sk_release(socket);
	return SK_PASS;
}
