// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "../doorbell.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

// Slot n counts the numbers with n binary digits: a histogram.
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 32);
	__type(key, __u32);
	__type(value, __u64);
} histogram SEC(".maps");

// One value per CPU and slot: no CPU writes where another one writes.
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} rings_per_cpu SEC(".maps");

// User space maps it into its memory: it reads and writes without system calls.
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} last_numbers SEC(".maps");

// Global data are arrays too, of one element: .rodata, .data and .bss.
const volatile __u32 ignored = 0;
__u32 step = 1;
__u64 total = 0;

SEC("tracepoint/syscalls/sys_enter_kill")
int on_ring(struct trace_event_raw_sys_enter *ctx)
{
	__u32 number = ctx->args[0], digits = 0, zero = 0, slot = total % 8;
	__u64 *value;

	if (!is_doorbell(ctx) || number == ignored)
		return 0;
	while (digits < 32 && number >> digits)
		digits++;
	value = bpf_map_lookup_elem(&histogram, &digits); // NULL beyond the last slot
	if (value)
		__sync_fetch_and_add(value, 1);
	value = bpf_map_lookup_elem(&rings_per_cpu, &zero);
	if (value)
		*value += 1; // needs no atomic addition
	value = bpf_map_lookup_elem(&last_numbers, &slot);
	if (value)
		*value = number;
	__sync_fetch_and_add(&total, step);
	return 0;
}
