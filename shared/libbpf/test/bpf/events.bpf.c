// Sends numbered events through a ring buffer and a perf buffer, and takes samples from a user ring buffer.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

struct event {
	__u32 cpu;
	__u32 tag;
	__u64 seq; // on this CPU, from 0
	__u64 check; // seq ^ SECRET: torn if it does not fit
	char comm[16];
};

#define SECRET 0x5bd1e995u

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
	__type(value, struct event);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} untyped SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} perf SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_USER_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, __u64);
} commands SEC(".maps");

struct per_cpu {
	__u64 sent;
	__u64 dropped;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct per_cpu);
} counters SEC(".maps");

const volatile __u32 target_parent = 0;
__u64 dropped = 0;
__u64 received = 0;
__u64 sum = 0;

static __always_inline int send(__u32 tag, __u64 flags)
{
	__u32 zero = 0;
	struct per_cpu *mine = bpf_map_lookup_elem(&counters, &zero);
	struct event *e;

	if (!mine)
		return 1;
	e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
	if (!e) {
		__sync_fetch_and_add(&mine->dropped, 1);
		__sync_fetch_and_add(&dropped, 1);
		return 0;
	}
	e->cpu = bpf_get_smp_processor_id();
	e->tag = tag;
	e->seq = __sync_fetch_and_add(&mine->sent, 1);
	e->check = e->seq ^ SECRET;
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	bpf_ringbuf_submit(e, flags);
	return 0;
}

struct emit_args {
	__u32 count;
	__u32 tag;
	__u64 flags;
};

static long emit_one(__u32 i, struct emit_args *args)
{
	return send(args->tag + i, args->flags);
}

// Sends `count` events tagged `tag`, `tag` + 1, …
SEC("syscall")
int emit(struct emit_args *args)
{
	struct emit_args copy = *args;
	__u32 count = args->count;

	// clang would pass all 64 bits of count and tag, of which the inlined bpf_loop takes 64.
	if (count > 1 << 20)
		return -1;
	return bpf_loop(count, emit_one, &copy, 0) == count ? 0 : -1;
}

// Sends a record of `count` bytes, each of the value `tag`, or throws it away if flags is 1.
SEC("syscall")
int emit_bytes(struct emit_args *args)
{
	__u32 size = args->count;
	__u8 *e;

	if (size == 4)
		e = bpf_ringbuf_reserve(&untyped, 4, 0);
	else
		e = bpf_ringbuf_reserve(&untyped, 100, 0);
	if (!e)
		return 1;
	for (int i = 0; i < 4; i++)
		e[i] = args->tag;
	if (args->flags)
		bpf_ringbuf_discard(e, 0);
	else
		bpf_ringbuf_submit(e, 0);
	return 0;
}

// Everything that the children of one process do, on whatever CPU they do it.
SEC("raw_tp/sys_enter")
int flood(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct task_struct *parent;
	__u32 tgid;

	if (bpf_probe_read_kernel(&parent, sizeof(parent), &task->real_parent) ||
	    bpf_probe_read_kernel(&tgid, sizeof(tgid), &parent->tgid) || tgid != target_parent)
		return 0;
	send(0, 0);
	return 0;
}

struct perf_args {
	void *ctx;
	__u32 tag;
};

static long emit_perf_one(__u32 i, struct perf_args *args)
{
	// 72 bytes as a perf record, which no number of pages is a multiple of: records wrap around.
	struct {
		struct event e;
		__u64 more;
	} sample = { .e.tag = args->tag + i };
	struct event *e = &sample.e;

	e->cpu = bpf_get_smp_processor_id();
	e->seq = i;
	e->check = e->seq ^ SECRET;
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	bpf_perf_event_output(args->ctx, &perf, BPF_F_CURRENT_CPU, &sample, sizeof(sample));
	return 0;
}

// args: how many, first tag
SEC("raw_tp/sys_enter")
int emit_perf(struct bpf_raw_tracepoint_args *ctx)
{
	struct perf_args args = { .ctx = ctx, .tag = ctx->args[1] };

	bpf_loop(ctx->args[0], emit_perf_one, &args, 0);
	return 0;
}

static long take(struct bpf_dynptr *sample, void *unused)
{
	__u64 value = 0;

	if (bpf_dynptr_read(&value, sizeof(value), sample, 0, 0) == 0) {
		received += 1;
		sum += value;
	}
	return 0;
}

SEC("syscall")
int drain(void *ctx)
{
	return bpf_user_ringbuf_drain(&commands, take, 0, 0);
}
