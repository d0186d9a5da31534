// SPDX-License-Identifier: (MIT OR GPL-2.0)
// Which process opens which file, and what comes of it.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

// Set before loading. 0 and -1 mean: everybody.
const volatile __u32 only_pid = 0;
const volatile __s64 only_uid = -1;
const volatile bool only_failed = false;

struct opened {
	__u32 pid;
	__u32 uid;
	__s32 result; // a file descriptor, or a negative errno
	char comm[16];
	char path[256];
};

// The path is known at the start of the call, the result at its end.
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, __u64); // pid and thread id
	__type(value, __u64); // where the path is in the process's memory
} calls SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
	__type(value, struct opened);
} opens SEC(".maps");

__u64 dropped = 0;

SEC("tracepoint/syscalls/sys_enter_openat")
int on_enter(struct trace_event_raw_sys_enter *ctx)
{
	__u64 id = bpf_get_current_pid_tgid(), path = ctx->args[1];

	if (only_pid && id >> 32 != only_pid)
		return 0;
	if (only_uid >= 0 && (__u32)bpf_get_current_uid_gid() != only_uid)
		return 0;
	if (bpf_map_update_elem(&calls, &id, &path, BPF_ANY))
		__sync_fetch_and_add(&dropped, 1);
	return 0;
}

SEC("tracepoint/syscalls/sys_exit_openat")
int on_exit(struct trace_event_raw_sys_exit *ctx)
{
	__u64 id = bpf_get_current_pid_tgid(), *path = bpf_map_lookup_elem(&calls, &id);

	if (!path)
		return 0;
	const char *where = (const char *)*path;
	bpf_map_delete_elem(&calls, &id);
	if (only_failed && ctx->ret >= 0)
		return 0;
	struct opened *opened = bpf_ringbuf_reserve(&opens, sizeof(*opened), 0);
	if (!opened) {
		__sync_fetch_and_add(&dropped, 1);
		return 0;
	}
	opened->pid = id >> 32;
	opened->uid = bpf_get_current_uid_gid();
	opened->result = ctx->ret;
	bpf_get_current_comm(opened->comm, sizeof(opened->comm));
	if (bpf_probe_read_user_str(opened->path, sizeof(opened->path), where) < 0)
		opened->path[0] = 0;
	bpf_ringbuf_submit(opened, 0);
	return 0;
}
