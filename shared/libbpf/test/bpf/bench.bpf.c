// What the benchmark and the soak test run: fills buffers, counts in a map.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

struct event {
	__u32 pid;
	__u64 time;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10000);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 32 << 20);
	__type(value, struct event);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} perf SEC(".maps");

__u64 dropped = 0;
__u64 hits = 0;

static const char names[8][16] = { "bash", "node", "cat", "ls", "systemd", "kworker/0:1", "sshd", "cc1" };

static __always_inline void write_event(struct event *e, __u32 i)
{
	e->pid = i;
	e->time = 1700000000000000000ull + i;
	__builtin_memcpy(e->comm, names[i & 7], sizeof(e->comm));
}

static long ring_one(__u32 i, void *flags)
{
	struct event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);

	if (!e) {
		__sync_fetch_and_add(&dropped, 1);
		return 0;
	}
	write_event(e, i);
	bpf_ringbuf_submit(e, *(__u64 *)flags);
	return 0;
}

// args: how many events, flags of bpf_ringbuf_submit()
SEC("raw_tp/sys_enter")
int fill_ring(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 flags = ctx->args[1];

	bpf_loop(ctx->args[0], ring_one, &flags, 0);
	return 0;
}

static long perf_one(__u32 i, void **ctx)
{
	struct event e = {};

	write_event(&e, i);
	if (bpf_perf_event_output(*ctx, &perf, BPF_F_CURRENT_CPU, &e, sizeof(e)))
		__sync_fetch_and_add(&dropped, 1);
	return 0;
}

// args: how many events
SEC("raw_tp/sys_enter")
int fill_perf(struct bpf_raw_tracepoint_args *ctx)
{
	void *copy = ctx;

	bpf_loop(ctx->args[0], perf_one, &copy, 0);
	return 0;
}

// Attached by the soak test.
SEC("raw_tp/sys_enter")
int count(struct bpf_raw_tracepoint_args *ctx)
{
	__sync_fetch_and_add(&hits, 1);
	return 0;
}
