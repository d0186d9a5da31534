// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

const volatile __u32 only_thread = 0; // the first one of a process has its pid

__u32 hits = 0;
struct {
	__s32 signal;
	__s32 receiver; // its thread id
} seen;

/*
 * Runs when the kernel comes by this tracepoint, before a record is made. It gets
 * the tracepoint's arguments as plain numbers: signal, siginfo, receiver, group,
 * result. Its return value does nothing.
 */
SEC("raw_tp/signal_generate")
int on_signal(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *receiver = (void *)ctx->args[2];

	if ((__u32)bpf_get_current_pid_tgid() != only_thread)
		return 0;

	hits++;
	seen.signal = ctx->args[0];
	seen.receiver = BPF_CORE_READ(receiver, pid);
	return 0;
}
