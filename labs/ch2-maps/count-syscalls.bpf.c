// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32); // a pid, a user id or the number of a system call
	__type(value, __u64);
} calls SEC(".maps");

__u64 uncounted = 0; // calls that found no room in the full map

static __always_inline int count(__u32 key)
{
	__u64 zero = 0, *times = bpf_map_lookup_elem(&calls, &key);

	if (!times) {
		bpf_map_update_elem(&calls, &key, &zero, BPF_NOEXIST);
		times = bpf_map_lookup_elem(&calls, &key);
	}
	if (times)
		__sync_fetch_and_add(times, 1);
	else
		__sync_fetch_and_add(&uncounted, 1);
	return 0;
}

// Two programs on two system calls, one map.
SEC("ksyscall/openat")
int on_openat(void *ctx)
{
	return count(bpf_get_current_pid_tgid() >> 32);
}

SEC("ksyscall/write")
int on_write(void *ctx)
{
	return count(bpf_get_current_pid_tgid() >> 32);
}

// Every system call of every process: libbpf reads the hook from the section's name.
SEC("raw_tp/sys_enter")
int by_user(struct bpf_raw_tracepoint_args *ctx)
{
	return count(bpf_get_current_uid_gid());
}

// The same hook, but the loader names it.
SEC("raw_tp")
int by_number(struct bpf_raw_tracepoint_args *ctx)
{
	return count(ctx->args[1]);
}
