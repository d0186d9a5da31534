// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} execs_by_pid SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} execs_by_uid SEC(".maps");

__u64 uncounted = 0; // calls that found no room in a full map

static __always_inline void count(void *map, __u32 key)
{
	__u64 zero = 0, *times = bpf_map_lookup_elem(map, &key);

	if (!times) {
		// Another CPU may make the entry first: NOEXIST then leaves it alone.
		bpf_map_update_elem(map, &key, &zero, BPF_NOEXIST);
		times = bpf_map_lookup_elem(map, &key);
	}
	if (times)
		__sync_fetch_and_add(times, 1); // one step: no other CPU comes between
	else
		__sync_fetch_and_add(&uncounted, 1);
}

SEC("ksyscall/execve")
int hello_map(void *ctx)
{
	count(&execs_by_pid, bpf_get_current_pid_tgid() >> 32);
	count(&execs_by_uid, bpf_get_current_uid_gid());
	return 0;
}
