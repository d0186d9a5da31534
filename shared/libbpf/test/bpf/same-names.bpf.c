// Maps that are called like the sections that libbpf makes maps of.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} data SEC(".maps");

__u32 level = 5;

SEC("raw_tp/sys_enter")
int on_sys_enter(void *ctx)
{
	__u64 value = level;

	bpf_map_update_elem(&data, &level, &value, BPF_ANY);
	return 0;
}
