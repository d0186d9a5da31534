// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

const volatile __u32 only_thread = 0; // the first one of a process has its pid

__u32 hits = 0;
struct {
	__s32 signal;
	__s32 receiver; // its thread id
	char comm[16]; // of the receiver
	bool ignored;
} seen;

/*
 * Runs when the kernel comes by this tracepoint. It gets a record of the fields
 * that are listed in /sys/kernel/tracing/events/signal/signal_generate/format. It
 * returns 0 to keep the event from perf, 1 to let perf have it.
 */
SEC("tracepoint/signal/signal_generate")
int on_signal(struct trace_event_raw_signal_generate *ctx)
{
	if ((__u32)bpf_get_current_pid_tgid() != only_thread)
		return 0;

	hits++;
	seen.signal = ctx->sig;
	seen.receiver = ctx->pid;
	bpf_probe_read_kernel_str(seen.comm, sizeof(seen.comm), ctx->comm);
	seen.ignored = ctx->result == TRACE_SIGNAL_IGNORED;
	return 0;
}
