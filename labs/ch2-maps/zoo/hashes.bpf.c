// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
#include "../doorbell.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

// One value per key and CPU: no CPU writes where another one writes.
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} times_per_cpu SEC(".maps");

// When it is full, an entry that was not used for long makes room.
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} recent SEC(".maps");

struct prefix {
	__u32 length;	 // how many bits of the address count
	__u8 address[4]; // compared from the first byte on: network byte order
};

// Finds the longest of all prefixes that fit: the way a router decides.
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 64);
	__type(key, struct prefix);
	__type(value, __u32);
} routes SEC(".maps");

__u32 route = 0;
__u64 refused_when_full = 0, refused_by_lru = 0;

SEC("tracepoint/syscalls/sys_enter_kill")
int on_ring(struct trace_event_raw_sys_enter *ctx)
{
	__u32 number = ctx->args[0], *found;
	__be32 address = bpf_htonl(number);
	struct prefix prefix = {.length = 32};
	__u64 one = 1, *times;

	if (!is_doorbell(ctx))
		return 0;
	times = bpf_map_lookup_elem(&times_per_cpu, &number);
	if (times)
		*times += 1; // needs no atomic addition
	else if (bpf_map_update_elem(&times_per_cpu, &number, &one, BPF_NOEXIST))
		refused_when_full++;
	if (bpf_map_update_elem(&recent, &number, &one, BPF_ANY))
		refused_by_lru++;

	__builtin_memcpy(prefix.address, &address, sizeof(address));
	found = bpf_map_lookup_elem(&routes, &prefix);
	route = found ? *found : 0;
	return 0;
}
