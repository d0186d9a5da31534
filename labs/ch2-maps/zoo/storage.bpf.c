// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct visit {
	__u64 started; // ns since boot
	__u32 number;
};

// A value that belongs to one thread, and that the kernel frees with it. Linux 5.13; 5.11 in LSM programs.
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __s32);
	__type(value, struct visit);
} visits SEC(".maps");

const volatile __u32 ringer = 0;
__u64 duration = 0; // ns that the last visit took
__u32 number = 0;   // what its entry had left for its exit

SEC("tracepoint/syscalls/sys_enter_kill")
int on_enter(struct trace_event_raw_sys_enter *ctx)
{
	struct visit *visit;

	if (ctx->args[1] != 0)
		return 0;
	visit = bpf_task_storage_get(&visits, bpf_get_current_task_btf(), NULL,
				     BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!visit)
		return 0;
	visit->started = bpf_ktime_get_ns();
	visit->number = ctx->args[0];
	return 0;
}

SEC("tracepoint/syscalls/sys_exit_kill")
int on_exit(void *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	// No flag to create one: a thread that did not ring has no storage.
	struct visit *visit = bpf_task_storage_get(&visits, task, NULL, 0);

	if (!visit || (__u32)bpf_get_current_pid_tgid() != ringer)
		return 0;
	duration = bpf_ktime_get_ns() - visit->started;
	number = visit->number;
	bpf_task_storage_delete(&visits, task);
	return 0;
}
