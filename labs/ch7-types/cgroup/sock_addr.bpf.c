// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct call { __u32 pid, address, port, protocol; };

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, struct call);
} calls SEC(".maps");

// Gets the address that a socket of the cgroup shall be connected to, and may change it.
// 1 lets connect(2) go on, 0 refuses it: EPERM.
SEC("cgroup/connect4")
int on_connect(struct bpf_sock_addr *ctx)
{
	struct call call = { bpf_get_current_pid_tgid() >> 32, bpf_ntohl(ctx->user_ip4),
			     bpf_ntohs(ctx->user_port), ctx->protocol };
	bpf_ringbuf_output(&calls, &call, sizeof(call), 0);
	if (call.port == 4243)
		ctx->user_port = bpf_htons(4242);
	return call.port != 4244;
}
