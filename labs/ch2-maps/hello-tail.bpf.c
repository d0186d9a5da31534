// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

// Numbers of system calls differ between architectures, so the loader fills them in.
const volatile long nr_timer_create = -1;
const volatile long nr_timer_delete = -1;
const volatile __u32 target_pid = 0; // 0: every process

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 512); // index: number of the system call
	__type(key, __u32);
	__type(value, __u32);
} programs SEC(".maps");

SEC("raw_tp/sys_enter")
int hello(struct bpf_raw_tracepoint_args *ctx)
{
	long nr = ctx->args[1]; // args[0] is the struct pt_regs

	if (target_pid && bpf_get_current_pid_tgid() >> 32 != target_pid)
		return 0;
	bpf_tail_call(ctx, &programs, nr);
	// Only reached when that slot of the array is empty: a tail call does not return.
	bpf_printk("Another syscall: %ld", nr);
	return 0;
}

// No hook in the section's name: these are called, not attached.
SEC("raw_tp")
int hello_exec(struct bpf_raw_tracepoint_args *ctx)
{
	bpf_printk("Executing a program");
	return 0;
}

SEC("raw_tp")
int hello_timer(struct bpf_raw_tracepoint_args *ctx)
{
	long nr = ctx->args[1];

	if (nr == nr_timer_create)
		bpf_printk("Creating a timer");
	else if (nr == nr_timer_delete)
		bpf_printk("Deleting a timer");
	else
		bpf_printk("Some other timer operation");
	return 0;
}

SEC("raw_tp")
int ignore_syscall(struct bpf_raw_tracepoint_args *ctx)
{
	return 0;
}
