// Variables in an arena, memory that programs and user space share.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

#define __arena __attribute__((address_space(1)))

struct {
	__uint(type, BPF_MAP_TYPE_ARENA);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 4);
} pages SEC(".maps");

struct point {
	__u32 x;
	__u32 y;
};

__u64 __arena step = 5;
__u64 __arena total;
struct point __arena place = { 1, 2 };

SEC("syscall")
int walk(void *ctx)
{
	total += step;
	place.x += 1;
	return 0;
}
