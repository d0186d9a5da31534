// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct message { __u32 bytes, from, port, letter; };

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, struct message);
} messages SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SOCKMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} sockets SEC(".maps");

// Gets what a process sends on a TCP socket that is in the map, before TCP has it.
// SK_PASS lets it go, SK_DROP does not: who sends it gets EACCES.
SEC("sk_msg")
int on_send(struct sk_msg_md *ctx)
{
	__u8 *letter = ctx->data;
	if (letter + 1 > (__u8 *)ctx->data_end)
		return SK_PASS;
	struct message message = { ctx->size, ctx->local_port, bpf_ntohl(ctx->remote_port), *letter };
	bpf_ringbuf_output(&messages, &message, sizeof(message), 0);
	return *letter == '!' ? SK_DROP : SK_PASS;
}
