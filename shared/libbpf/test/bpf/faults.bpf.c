// Each program and map has one fault that loading must explain; tests turn on one at a time.
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

struct task_struct___other_kernel {
	int no_such_field;
} __attribute__((preserve_access_index));

struct {
	__uint(type, 99);
	__uint(max_entries, 1);
	__uint(key_size, 4);
	__uint(value_size, 4);
} unknown_type SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
} no_entries SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u64);
} wide_index SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} libbpf_test_pinned SEC(".maps");

SEC("?traecpoint/syscalls/sys_enter_getpgid")
int misspelt_section(void *ctx)
{
	return 0;
}

SEC("?xdp/my_filter")
int section_with_tail(void *ctx)
{
	return 0;
}

SEC("?cgroup/conect4")
int misspelt_tail(void *ctx)
{
	return 0;
}

SEC("?cgroup/nothing_like_it")
int unknown_tail(void *ctx)
{
	return 0;
}

SEC("?something/else")
int unknown_section(void *ctx)
{
	return 0;
}

SEC("?fentry/vfs_raed")
int misspelt_function(void *ctx)
{
	return 0;
}

SEC("?tp_btf/sched_swich")
int misspelt_tracepoint(void *ctx)
{
	return 0;
}

SEC("?raw_tp/sys_enter")
int other_kernel(void *ctx)
{
	struct task_struct___other_kernel *task = (void *)bpf_get_current_task();

	return BPF_CORE_READ(task, no_such_field);
}

SEC("?raw_tp/sys_enter")
int uses_missing_map(void *ctx)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&no_entries, &key) != 0;
}

SEC("?raw_tp/sys_enter")
int fine(void *ctx)
{
	return 0;
}
