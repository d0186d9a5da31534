// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "../doorbell.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

// Maps without keys: what comes out next is decided by the order of arrival.
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 8);
	__type(value, __u32);
} first_in_first_out SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK);
	__uint(max_entries, 8);
	__type(value, __u32);
} last_in_first_out SEC(".maps");

// A queue that is full gives up its oldest entry for BPF_EXIST.
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 8);
	__type(value, __u32);
} last_eight SEC(".maps");

__s64 push_error = 0;

SEC("tracepoint/syscalls/sys_enter_kill")
int on_ring(struct trace_event_raw_sys_enter *ctx)
{
	__u32 number = ctx->args[0];

	if (!is_doorbell(ctx))
		return 0;
	// On 5.10 the upper half of what comes back is not to be relied on.
	push_error = (int)bpf_map_push_elem(&first_in_first_out, &number, BPF_ANY);
	bpf_map_push_elem(&last_in_first_out, &number, BPF_ANY);
	bpf_map_push_elem(&last_eight, &number, BPF_EXIST);
	return 0;
}
