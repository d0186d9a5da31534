// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

const volatile u32 target_pid = 0;
u64 started = 0; // nanoseconds since boot, when the target did

// Linux 5.5 gave the field its new name. No vmlinux.h has both: two flavours have one each.
struct task_struct___until_5_4 {
	u64 real_start_time;
} __attribute__((preserve_access_index));

struct task_struct___since_5_5 {
	u64 start_boottime;
} __attribute__((preserve_access_index));

SEC("ksyscall/kill")
int both_names(struct pt_regs *ctx)
{
	struct task_struct___since_5_5 *task = (void *)bpf_get_current_task();
	struct task_struct___until_5_4 *old_task = (void *)task;

	if (bpf_get_current_pid_tgid() >> 32 != target_pid)
		return 0;
	if (bpf_core_field_exists(task->start_boottime))
		started = BPF_CORE_READ(task, start_boottime);
	else
		started = BPF_CORE_READ(old_task, real_start_time);
	return 0;
}

SEC("?ksyscall/kill")
int old_name(struct pt_regs *ctx)
{
	struct task_struct___until_5_4 *task = (void *)bpf_get_current_task();

	if (bpf_get_current_pid_tgid() >> 32 == target_pid)
		started = BPF_CORE_READ(task, real_start_time);
	return 0;
}
