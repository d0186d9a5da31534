// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "../doorbell.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct counters {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
};

// A map of maps: user space puts a whole new inner map in place in one step.
struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 8);
	__type(key, __u32);
	__array(values, struct counters);
} tenants SEC(".maps");

__u64 strangers = 0;

SEC("tracepoint/syscalls/sys_enter_kill")
int on_ring(struct trace_event_raw_sys_enter *ctx)
{
	__u32 tenant = (__u32)ctx->args[0] / 2, slot = ctx->args[0] % 2;
	void *counters;
	__u64 *value;

	if (!is_doorbell(ctx))
		return 0;
	counters = bpf_map_lookup_elem(&tenants, &tenant);
	if (!counters) {
		__sync_fetch_and_add(&strangers, 1);
		return 0;
	}
	value = bpf_map_lookup_elem(counters, &slot);
	if (value)
		__sync_fetch_and_add(value, 1);
	return 0;
}
