// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

const volatile u32 target_pid = 0;

// The parent of the target, as each program found it.
u32 parent_by_macro = 0, parent_by_steps = 0, parent_by_flavour = 0;
u32 parent_by_pointers = 0, parent_without_core = 0;

static struct task_struct *target(void)
{
	bool is_target = bpf_get_current_pid_tgid() >> 32 == target_pid;

	return is_target ? (void *)bpf_get_current_task() : NULL;
}

SEC("ksyscall/kill")
int by_macro(struct pt_regs *ctx)
{
	struct task_struct *task = target();

	if (task)
		parent_by_macro = BPF_CORE_READ(task, real_parent, tgid);
	return 0;
}

SEC("ksyscall/kill")
int by_steps(struct pt_regs *ctx) // what the macro writes for you
{
	struct task_struct *task = target(), *parent;

	if (!task)
		return 0;
	bpf_core_read(&parent, sizeof(parent), &task->real_parent);
	bpf_core_read(&parent_by_steps, sizeof(parent_by_steps), &parent->tgid);
	return 0;
}

// Two fields instead of vmlinux.h. CO-RE ignores what follows ___ in the name, and the order.
struct task_struct___two {
	int tgid;
	struct task_struct___two *real_parent;
} __attribute__((preserve_access_index));

SEC("ksyscall/kill")
int by_flavour(struct pt_regs *ctx)
{
	struct task_struct___two *task = (void *)target();

	if (task)
		parent_by_flavour = BPF_CORE_READ(task, real_parent, tgid);
	return 0;
}

SEC("?ksyscall/kill")
int by_pointers(struct pt_regs *ctx) // the verifier knows the type: Linux 5.11
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (bpf_get_current_pid_tgid() >> 32 == target_pid)
		parent_by_pointers = task->real_parent->tgid;
	return 0;
}

SEC("ksyscall/kill")
int without_core(struct pt_regs *ctx)
{
	void *task = target(), *parent;

	if (!task)
		return 0;
	// Numbers by the time clang is done: nothing is recorded, nothing is patched.
	bpf_probe_read_kernel(&parent, sizeof(parent),
			      task + __builtin_offsetof(struct task_struct, real_parent));
	bpf_probe_read_kernel(&parent_without_core, sizeof(parent_without_core),
			      parent + __builtin_offsetof(struct task_struct, tgid));
	return 0;
}
