// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

const volatile __u32 only_thread = 0; // the first one of a process has its pid

__u32 hits = 0;
struct {
	__s32 signal;
	__s32 receiver; // its thread id
	__s32 parent; // pid of the receiver's parent
} seen;

/*
 * Runs when the kernel comes by this tracepoint, as raw_tp does. It gets the
 * tracepoint's arguments with their types: the program follows pointers as C does.
 * Its return value does nothing.
 */
SEC("tp_btf/signal_generate")
int BPF_PROG(on_signal, int signal, struct kernel_siginfo *info, struct task_struct *receiver)
{
	if ((__u32)bpf_get_current_pid_tgid() != only_thread)
		return 0;

	hits++;
	seen.signal = signal;
	seen.receiver = receiver->pid;
	seen.parent = receiver->real_parent->tgid;
	return 0;
}
