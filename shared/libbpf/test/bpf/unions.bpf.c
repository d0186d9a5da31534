// Unions with and without a name as keys and values.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

union address {
	__u32 v4;
	__u8 v6[16];
};

struct rule {
	__u32 port;
	union {
		__u32 mark;
		__u16 half;
	};
	union {
		__u64 id;
		struct {
			__u32 low;
			__u32 high;
		};
	};
	union address to[2];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, union address);
	__type(value, struct rule);
} rules SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 4);
	__type(value, union address);
} seen SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, union address);
} last SEC(".maps");
