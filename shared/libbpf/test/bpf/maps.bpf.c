// Writes to one map of each kind, so that tests read what a program wrote.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

struct pair {
	__u8 small; // seven bytes of padding follow
	__u64 large;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, struct pair);
	__type(value, char[16]);
} pairs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} percpu_array SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} percpu_hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u32);
} live SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 4);
	__type(value, __u32);
} queue SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 16);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, 32 * sizeof(__u64));
} stacks SEC(".maps");

struct inner {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} first SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u32);
	__array(values, struct inner);
} outer SEC(".maps") = { .values = { &first } };

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} jumps SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} per_task SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
	__uint(max_entries, 100);
	__type(value, __u32);
} seen SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16);
	__uint(key_size, 8);
	__uint(value_size, 4);
} routes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} recent SEC(".maps");

struct locked {
	struct bpf_spin_lock lock;
	__u32 a;
	__u32 b;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct locked);
} guarded SEC(".maps");

__s64 stack_id = -1;
__u32 jumped = 0;

// Run with the number of times as argument, on the CPU that the test asks for.
SEC("raw_tp/sys_enter")
int touch(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 zero = 0, one = 1, three = 3, cpu = bpf_get_smp_processor_id();
	__u64 times = ctx->args[0];
	__u32 *n = bpf_map_lookup_elem(&percpu_array, &one);
	__u32 *shared = bpf_map_lookup_elem(&live, &three);
	void *map;

	if (n)
		*n += times;
	if (shared)
		*shared += times;
	bpf_map_update_elem(&percpu_hash, &cpu, &times, BPF_ANY);
	bpf_map_push_elem(&queue, &cpu, BPF_EXIST);
	stack_id = bpf_get_stackid(ctx, &stacks, 0);
	map = bpf_map_lookup_elem(&outer, &zero);
	if (map)
		bpf_map_update_elem(map, &three, &times, BPF_ANY);
	return 0;
}

SEC("raw_tp/sys_enter")
int target(struct bpf_raw_tracepoint_args *ctx)
{
	jumped = 7;
	return 0;
}

SEC("raw_tp/sys_enter")
int jump(struct bpf_raw_tracepoint_args *ctx)
{
	bpf_tail_call(ctx, &jumps, 2);
	return 0;
}
