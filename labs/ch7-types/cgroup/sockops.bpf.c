// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct connection { __u32 op, family, from, port; };

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, struct connection);
} connections SEC(".maps");

// Gets a TCP socket of the cgroup and what happens to it: op, of enum tcp_sock_ops. It may
// set options. 1: where the kernel asks for a number, it is in ctx->reply.
SEC("sockops")
int on_tcp(struct bpf_sock_ops *ctx)
{
	if (ctx->op != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB) // one that it has connected
		return 1;
	struct connection connection = { ctx->op, ctx->family, ctx->local_port,
					 bpf_ntohl(ctx->remote_port) };
	bpf_ringbuf_output(&connections, &connection, sizeof(connection), 0);
	bpf_setsockopt(ctx, IPPROTO_TCP, 13 /* TCP_CONGESTION */, "reno", sizeof("reno"));
	return 1;
}
