// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

__u32 hits = 0;
struct {
	__u64 period; // nanoseconds on the CPU from one sample to the next
	__u64 address; // of the instruction that was interrupted
} seen;

/*
 * Runs at each sample of the event that it is attached to: a clock, cache misses,
 * page faults. It gets the registers of whatever was interrupted, and how much
 * makes a sample. It returns 0 to keep the sample from perf, 1 to let perf have it.
 */
SEC("perf_event")
int on_sample(struct bpf_perf_event_data *ctx)
{
	hits++;
	seen.period = ctx->sample_period;
	seen.address = PT_REGS_IP(&ctx->regs);
	return 0;
}
