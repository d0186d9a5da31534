// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "doorbell.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct event {
	__u32 sequence;
	__u32 cpu;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__type(key, __u32);
	__type(value, struct event);
} perf SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, struct event);
} ring SEC(".maps");

__u32 perf_sent = 0, perf_lost = 0, ring_sent = 0, ring_lost = 0;

static __always_inline void fill(struct event *event, __u32 *sent)
{
	event->sequence = (*sent)++; // one thread rings, so no other CPU counts
	event->cpu = bpf_get_smp_processor_id();
}

SEC("tracepoint/syscalls/sys_enter_kill")
int to_perf(struct trace_event_raw_sys_enter *ctx)
{
	struct event event = {}; // built on the stack, then copied

	if (!is_doorbell(ctx))
		return 0;
	fill(&event, &perf_sent);
	if (bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, &event, sizeof(event)))
		perf_lost++;
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_kill")
int to_ring(struct trace_event_raw_sys_enter *ctx)
{
	if (!is_doorbell(ctx))
		return 0;

	struct event *event = bpf_ringbuf_reserve(&ring, sizeof(*event), 0); // in place

	if (!event) {
		ring_sent++;
		ring_lost++;
		return 0;
	}
	fill(event, &ring_sent);
	bpf_ringbuf_submit(event, 0);
	return 0;
}
