// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

enum syscall { SYSCALL_OPENAT, SYSCALL_EXECVE };

struct event {
	enum syscall syscall;
	__u32 pid;
	__s32 filename_size; // with the final NUL; negative: the name could not be read
	char comm[16];
	char filename[256];
};

const volatile __u32 target_pid = 0; // 0: every process

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024); // bytes, shared by all CPUs
	__type(value, struct event);
} events SEC(".maps");

__u64 lost = 0; // events that found no room in the ring

static __always_inline int send(enum syscall syscall, const char *filename)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;

	if (target_pid && pid != target_pid)
		return 0;

	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event) {
		__sync_fetch_and_add(&lost, 1);
		return 0;
	}
	event->syscall = syscall;
	event->pid = pid;
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	event->filename_size =
	    bpf_probe_read_user_str(event->filename, sizeof(event->filename), filename);
	bpf_ringbuf_submit(event, 0);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_openat")
int on_openat(struct trace_event_raw_sys_enter *ctx)
{
	return send(SYSCALL_OPENAT, (const char *)ctx->args[1]);
}

SEC("tracepoint/syscalls/sys_enter_execve")
int on_execve(struct trace_event_raw_sys_enter *ctx)
{
	return send(SYSCALL_EXECVE, (const char *)ctx->args[0]);
}
