// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "doorbell.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct event {
	__u64 sequence;
	__u32 cpu;
	char comm[16];
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

__u64 perf_sent = 0, perf_lost = 0, ring_sent = 0, ring_lost = 0;

static __always_inline void fill(struct event *event, __u64 *sent)
{
	event->sequence = __sync_fetch_and_add(sent, 1);
	event->cpu = bpf_get_smp_processor_id();
	bpf_get_current_comm(event->comm, sizeof(event->comm));
}

SEC("tracepoint/syscalls/sys_enter_kill")
int to_perf(struct trace_event_raw_sys_enter *ctx)
{
	struct event event = {}; // built on the stack, then copied

	if (!is_doorbell(ctx))
		return 0;
	fill(&event, &perf_sent);
	if (bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, &event, sizeof(event)))
		__sync_fetch_and_add(&perf_lost, 1);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_kill")
int to_ring(struct trace_event_raw_sys_enter *ctx)
{
	if (!is_doorbell(ctx))
		return 0;

	struct event *event = bpf_ringbuf_reserve(&ring, sizeof(*event), 0); // in place

	if (!event) {
		__sync_fetch_and_add(&ring_sent, 1);
		__sync_fetch_and_add(&ring_lost, 1);
		return 0;
	}
	fill(event, &ring_sent);
	bpf_ringbuf_submit(event, 0);
	return 0;
}
